// Where the page is: `#/calls?number=139` is the view `calls` with its parameters.

class Route {
  path = $state<string[]>([])
  parameters = $state.raw(new URLSearchParams())

  constructor() {
    this.#read()
    addEventListener('hashchange', () => this.#read())
  }

  #read() {
    const [path = '', parameters = ''] = location.hash.replace(/^#\/?/, '').split('?')
    this.path = path.split('/').filter(Boolean).map(decode)
    this.parameters = new URLSearchParams(parameters)
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

export const route = new Route()
