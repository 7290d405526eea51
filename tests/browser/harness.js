// Starts the box and the browser, runs stories one after the other, and sums up as cargo does.
import { spawn } from 'node:child_process'
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { chromium } from 'playwright-core'

const target = process.env.FUNDLINE_TARGET
const built = join(target, process.env.FUNDLINE_PROFILE)
const shots = join(target, 'browser')

/** No wait is longer. */
const BOUND = 20_000
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
]

const stories = []

/** A story; it is given the desk of `run`. */
export function story(name, tell) {
  stories.push({ name, tell })
}

export function equal(found, expected, what) {
  const [left, right] = [JSON.stringify(found), JSON.stringify(expected)]
  if (left !== right) throw new Error(`${what}: ${right} expected, ${left} found`)
}

export function holds(claim, what) {
  if (!claim) throw new Error(what)
}

/** Looks again and again until the claim holds. */
export async function eventually(claim, what) {
  const last = Date.now() + BOUND
  while (!(await claim())) {
    if (Date.now() > last) throw new Error(`${what}: not in ${BOUND} ms`)
    await new Promise((done) => setTimeout(done, 100))
  }
}

/** Waits for a word of a program's output. */
class Output {
  #seen = []
  #waiting = []

  constructor(stream) {
    createInterface({ input: stream }).on('line', (line) => {
      this.#seen.push(line)
      this.#waiting = this.#waiting.filter((look) => !look())
    })
  }

  line(pattern) {
    return new Promise((done, fail) => {
      const timer = setTimeout(() => fail(new Error(`no line like ${pattern} in ${BOUND} ms:\n${this.#seen.join('\n')}`)), BOUND)
      const look = () => {
        const at = this.#seen.findIndex((line) => pattern.test(line))
        if (at < 0) return false
        clearTimeout(timer)
        done(this.#seen.splice(at, 1)[0].match(pattern))
        return true
      }
      if (!look()) this.#waiting.push(look)
    })
  }

  all() {
    return this.#seen.join('\n')
  }
}

async function freePort() {
  const server = createServer()
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address()
  await new Promise((done) => server.close(done))
  return port
}

/** The main process's part, played by `lab_box`, and the real page beside it. */
class Box {
  #programs = []

  async start() {
    this.root = mkdtempSync(join(tmpdir(), 'fundline-browser-'))
    this.port = await freePort()
    this.address = `https://localhost:${this.port}`
    const lab = this.#spawn(join(built, 'examples/lab_box'), ['--root', this.root, '--listen', `127.0.0.1:${this.port}`])
    this.#lab = lab
    this.#labSays = new Output(lab.stdout)
    const [, call, recording] = await this.#labSays.line(/^ready (\w+) (\w+)$/)
    Object.assign(this, { call, recording })
    await this.startPage()
    this.password = (await this.#page.out.line(/^first password for admin: (\S+)$/))[1]
  }

  #lab
  #labSays
  #page

  async startPage() {
    const program = this.#spawn(join(built, 'fundline-web'), ['--root', this.root])
    this.#page = { program, out: new Output(program.stdout), log: new Output(program.stderr) }
    await this.#page.log.line(/the page is served/)
  }

  async stopPage() {
    const { program } = this.#page
    const ended = new Promise((done) => program.once('exit', done))
    program.kill('SIGTERM')
    await ended
  }

  /** Tells the box what happens. */
  async tell(command) {
    this.#lab.stdin.write(`${command}\n`)
    await this.#labSays.line(/^ok$/)
  }

  #spawn(program, words) {
    const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '1' } })
    child.once('error', (error) => console.error(`${program}: ${error.message}`))
    this.#programs.push(child)
    return child
  }

  stop() {
    for (const program of this.#programs) program.kill('SIGKILL')
    rmSync(this.root, { recursive: true, force: true })
  }
}

/** What a story holds: the box, a browser, and pages in a language and size. */
class Desk {
  faults = []

  constructor(box, browser) {
    this.box = box
    this.browser = browser
  }

  async open({ language = 'en-GB', width = 1280, height = 900, dark = false } = {}) {
    const context = await this.browser.newContext({
      ignoreHTTPSErrors: true,
      locale: language,
      timezoneId: 'Asia/Shanghai',
      viewport: { width, height },
      colorScheme: dark ? 'dark' : 'light',
    })
    context.setDefaultTimeout(BOUND)
    const page = await context.newPage()
    page.on('pageerror', (error) => this.faults.push(error.message))
    page.on('console', (message) => {
      // What a policy forbids is told on the console and nowhere else.
      if (/Content Security Policy/i.test(message.text())) this.faults.push(message.text())
    })
    page.on('request', (request) => {
      const { protocol, host } = new URL(request.url())
      const own = host === new URL(this.box.address).host || protocol === 'data:' || protocol === 'blob:'
      if (!own) this.faults.push(`asked elsewhere: ${request.url()}`)
    })
    await page.goto(this.box.address)
    return page
  }

  async signedIn(options) {
    const page = await this.open(options)
    await page.fill('[name=password]', this.box.password)
    await page.click('button[type=submit]')
    await page.waitForSelector('h1')
    await page.waitForSelector('[data-test=link].good')
    return page
  }

  shot(page, name, fullPage = true) {
    return page.screenshot({ path: join(shots, `${name}.png`), fullPage, animations: 'disabled' })
  }
}

export async function run() {
  mkdirSync(shots, { recursive: true })
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
  const browser = await chromium.launch({ executablePath, args: FLAGS })
  let [passed, failed] = [0, 0]
  console.log(`\nrunning ${stories.length} tests`)
  try {
    for (const { name, tell } of stories) {
      const box = new Box()
      const desk = new Desk(box, browser)
      try {
        await box.start()
        await tell(desk)
        if (desk.faults.length > 0) throw new Error(desk.faults.join('\n'))
        passed += 1
        console.log(`test ${name} ... ok`)
      } catch (error) {
        failed += 1
        console.log(`test ${name} ... FAILED\n${error.stack}`)
        const page = browser.contexts().at(-1)?.pages().at(-1)
        if (page) await desk.shot(page, `failed-${failed}`).catch(() => {})
      } finally {
        for (const context of browser.contexts()) await context.close()
        box.stop()
      }
    }
  } finally {
    await browser.close()
  }
  writeFileSync(join(shots, 'README.txt'), 'Screenshots of the last run of tests/browser/run.sh.\n')
  const result = failed === 0 ? 'ok' : 'FAILED'
  console.log(`\ntest result: ${result}. ${passed} passed; ${failed} failed; 0 ignored; 0 measured; 0 filtered out\n`)
  process.exitCode = failed === 0 ? 0 : 1
}
