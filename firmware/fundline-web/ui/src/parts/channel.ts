import type { ChannelState } from '../lib/api'
import './channel.css'

export const STATES: ChannelState[] = [
  'Idle',
  'Incoming',
  'Outgoing',
  'Connected',
  'Clearing',
  'Busy',
  'Blocked',
  'OutOfService',
]

/** A sign beside the colour, for who does not see the colour. */
export const MARKS: Record<ChannelState, string> = {
  Idle: '',
  Incoming: '↓',
  Outgoing: '↑',
  Connected: '●',
  Clearing: '○',
  Busy: '●',
  Blocked: '–',
  OutOfService: '×',
  Absent: '',
}
