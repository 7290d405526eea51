// What the box answers: docs/api.md.

export type Link = 'up' | 'away' | 'other_build'
export type RecordingState = 'on' | 'paused' | 'masked'
export type ChannelState = 
  | 'Idle'
  | 'Incoming'
  | 'Outgoing'
  | 'Connected'
  | 'Clearing'
  | 'Busy'
  | 'Blocked'
  | 'OutOfService'
  | 'Absent'

export interface Channel {
  timeslot: number
  state: ChannelState
  name: string | null
  call: string | null
}

export interface Span {
  name: string
  card: string
  alarm_loss: boolean
  alarm_remote: boolean
  alarm_indication: boolean
  signaling: string
  link: 'Down' | 'Establishing' | 'Up' | null
  slips: number
  channels: Channel[]
}

export interface LiveCall {
  id: string
  from: string
  to: string
  line: string
  started_ms: number
  answered_ms: number | null
  state: string
  step: string
  with: string | null
  /** `null` where nothing is recorded. */
  recording: RecordingState | null
}

export interface Process {
  name: string
  up: boolean
  restarts: number
}

export interface Snapshot {
  name: string
  version: string
  started_ms: number
  last_event: number
  spans: Span[]
  calls: LiveCall[]
  processes: Process[]
}

export type Health = 'good' | 'warning' | 'fault'
export type TestStep = 'waiting' | 'watching' | 'looking' | 'seizing' | 'listening' | 'dialling' | 'measuring' | 'closing'

/** A sentence in both languages. */
export type Said = Record<'zh' | 'en', string>

export interface Finding {
  code: string
  health: Health
  says: Said
  remedy: Said
}

export interface Verdict {
  health: Health
  findings: Finding[]
  wall_ms: number
  took_ms: number
}

/** A span, or an analog line of one. */
export interface Line {
  name: string
  label: string
  kind: 'span' | 'exchange' | 'telephone'
  tests: number
  step: TestStep | null
  verdict: Verdict | null
}

export interface BoxEvent {
  seq: number
  wall: number
  call: string | null
  kind: string
  body: string
}

export interface Call {
  id: string
  calling: string
  called: string
  line: string
  started: number
  answered: number | null
  ended: number | null
  cause: number | null
  state: 'open' | 'ended' | 'interrupted'
  path: string | null
  recordings: string[]
}

export interface Segment {
  device: string
  since: number
  until: number | null
  recording: string | null
  offset_ms: number
}

export interface Leg {
  id: string
  device: string
  direction: 'in' | 'out'
  opened: number
  answered: number | null
  closed: number | null
  cause: number | null
  hang_up: string | null
  segments: Segment[]
}

export interface RecordingFile {
  id: string
  started: number
  frames: number
  lost_frames: number
}

/** A stretch of a recording that is silent by order. */
export interface Silence {
  recording: string
  state: 'paused' | 'masked'
  /** `application`, `agent 8001`, `user admin` */
  by: string
  since: number
  until: number | null
  offset_ms: number
  until_ms: number | null
}

export interface CallDetail extends Call {
  legs: Leg[]
  steps: { at: number; text: string }[]
  files: RecordingFile[]
  silences: Silence[]
}

export interface CallFilter {
  number?: string
  since?: number
  until?: number
  after?: string
  limit?: number
}

/** A fault with the code by which the page finds its words. */
export class Fault extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly seconds?: number,
  ) {
    super(message)
  }
}

async function ask(path: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(path, { ...init, headers: { accept: 'application/json' } }).catch(() => {
    throw new Fault('unreachable', 'the box cannot be reached')
  })
  if (response.ok) return response
  const answer = await response.json().catch(() => null)
  const fault = new Fault(answer?.error?.code ?? 'unknown', answer?.error?.message ?? response.statusText, answer?.error?.seconds)
  if (fault.code === 'not_signed_in') location.replace('/?message=not_signed_in')
  throw fault
}

function query(parameters: object): string {
  const set = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== '') set.set(name, String(value))
  }
  return set.size > 0 ? `?${set}` : ''
}

const read = async <T>(path: string): Promise<T> => (await ask(path)).json()
const send = (path: string, form: Record<string, string>) => ask(path, { method: 'POST', body: new URLSearchParams(form) })

export const calls = (filter: CallFilter) => read<{ calls: Call[]; more: boolean }>(`/api/calls${query(filter)}`)
export const call = (id: string) => read<CallDetail>(`/api/calls/${encodeURIComponent(id)}`)
export const events = (range: { before?: number; after?: number; limit?: number }) =>
  read<{ events: BoxEvent[]; more: boolean }>(`/api/events${query(range)}`)
export const status = () => read<{ now_ms: number; link: Link; snapshot: Snapshot | null }>('/api/status')
export const testLines = (names: string[] | 'all') =>
  send('/api/lines/test', { line: names === 'all' ? names : names.join(',') })
export const record = (call: string, state: RecordingState) =>
  ask(`/api/calls/${encodeURIComponent(call)}/recording`, { method: 'POST', body: JSON.stringify({ state }) })
export const changePassword = (current: string, next: string) => send('/api/password', { current, new: next })
export const signOut = () => send('/api/logout', {})
export const recording = (id: string) => `/api/recordings/${encodeURIComponent(id)}`
