// The box as it is now, from its live feed. One connection a page; it is made again until the page is left.
import { status, type BoxEvent, type Line, type Link, type Snapshot } from './api'

/** New events kept for the list. */
const KEPT = 500
/** The feed beats every 10 s; after this long without a word it is dead. */
const SILENT_MS = 25_000
const RETRY_MS = { first: 500, longest: 8_000 }
/** The box's word that the session has ended. */
const SIGNED_OUT = 4401

type Told =
  | { kind: 'clock'; now_ms: number }
  | { kind: 'state'; link: Link; snapshot: Snapshot | null }
  | { kind: 'lines'; lines: Line[] }
  | { kind: 'event'; event: { seq: number; wall_ms: number; call: string | null; kind: string; body: string } }
  | { kind: 'events_missed'; count: number }

class Live {
  /** Of the box's main process, or that the box itself cannot be reached. */
  link = $state<Link | 'connecting' | 'unreachable'>('connecting')
  snapshot = $state.raw<Snapshot | null>(null)
  /** What can be tested, with the last verdicts. */
  lines = $state.raw<Line[]>([])
  /** Newest first. */
  events = $state.raw<BoxEvent[]>([])
  /** Grows when events were missed: lists then ask anew. */
  missed = $state(0)
  /** The box's time, a second at a time. */
  now = $state(Date.now())

  #offset = 0
  #retry = RETRY_MS.first
  #silence: ReturnType<typeof setTimeout> | undefined

  start() {
    setInterval(() => (this.now = Date.now() + this.#offset), 1000)
    this.#connect()
  }

  #connect() {
    const socket = new WebSocket(`wss://${location.host}/api/live`)
    socket.onmessage = ({ data }) => {
      this.#listen(socket)
      this.#take(JSON.parse(data) as Told)
    }
    socket.onclose = ({ code }) => {
      clearTimeout(this.#silence)
      if (code === SIGNED_OUT) location.replace('/?message=not_signed_in')
      else void this.#again()
    }
    this.#listen(socket)
  }

  #listen(socket: WebSocket) {
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => socket.close(), SILENT_MS)
  }

  async #again() {
    this.link = 'unreachable'
    await new Promise((done) => setTimeout(done, this.#retry))
    this.#retry = Math.min(this.#retry * 2, RETRY_MS.longest)
    // Asking tells an ended session, which leads to the sign-in, from a box that is away.
    await status().catch(() => {})
    this.missed += 1
    this.#connect()
  }

  #take(told: Told) {
    switch (told.kind) {
      case 'clock':
        this.#offset = told.now_ms - Date.now()
        this.now = told.now_ms
        this.#retry = RETRY_MS.first
        break
      case 'state':
        this.link = told.link
        this.snapshot = told.snapshot
        break
      case 'lines':
        this.lines = told.lines
        break
      case 'event': {
        const { wall_ms, ...rest } = told.event
        this.events = [{ ...rest, wall: wall_ms }, ...this.events].slice(0, KEPT)
        break
      }
      case 'events_missed':
        this.missed += 1
        break
    }
  }
}

export const live = new Live()
