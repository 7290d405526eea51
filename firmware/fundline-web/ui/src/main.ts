import './base.css'
import { mount } from 'svelte'
import App from './App.svelte'
import { live } from './lib/live.svelte'

const target = document.getElementById('app')
if (target) {
  live.start()
  mount(App, { target })
}
