// Stories of somebody at the box's page. Each begins with a fresh box.
import { equal, eventually, holds, run, story } from './harness.js'

const CALLER = '13700001111'
const text = async (page, selector) => (await page.textContent(selector)).trim()
const states = (page, state) => page.locator(`[data-span=span1] [data-state=${state}]`).count()

story('a_wrong_password_is_refused_in_the_visitors_language', async (desk) => {
  for (const [language, words, name] of [
    ['zh-CN', '用户名或密码不正确。', 'zh'],
    ['en-GB', 'User or password is wrong.', 'en'],
  ]) {
    const page = await desk.open({ language })
    await desk.shot(page, `sign-in-${name}`)
    holds(!(await page.isVisible('[role=alert]')), 'no message before the first try')
    await page.fill('[name=password]', 'not-the-password')
    await page.click('button[type=submit]')
    await page.getByText(words).waitFor()
    equal(await page.title(), 'Fundline', 'still the sign-in')
    await desk.shot(page, `sign-in-wrong-${name}`)
  }
})

story('the_sign_in_works_without_scripts', async (desk) => {
  const context = await desk.browser.newContext({ ignoreHTTPSErrors: true, javaScriptEnabled: false, locale: 'en-GB' })
  context.setDefaultTimeout(20_000)
  const page = await context.newPage()
  await page.goto(desk.box.address)
  await page.fill('[name=password]', 'wrong')
  await page.click('button[type=submit]')
  await page.getByText('User or password is wrong.').waitFor()
  await page.fill('[name=password]', desk.box.password)
  await page.click('button[type=submit]')
  await page.locator('#app').waitFor({ state: 'attached' })
  holds((await page.content()).includes('This page needs JavaScript.'), 'signed in, and told what is missing')
})

story('the_overview_follows_spans_channels_and_calls', async (desk) => {
  const page = await desk.signedIn()
  equal(await page.locator('[data-span]').count(), 2, 'spans')
  equal(await page.locator('[data-span=span1] [data-state]').count(), 30, 'channels of a span')
  const [connected, calls] = [await states(page, 'Connected'), Number(await text(page, '[data-test=in-progress]'))]
  await desk.shot(page, 'overview-en')

  await desk.box.tell(`ring ${CALLER}`)
  const row = page.locator('[data-test=live-call]', { hasText: CALLER })
  await row.waitFor()
  equal(Number(await text(page, '[data-test=in-progress]')), calls + 1, 'calls in progress')
  await page.locator('[aria-label="timeslot 5: incoming"]').waitFor()
  await desk.box.tell('answer')
  await page.locator('[aria-label="timeslot 5: connected"]').waitFor()
  equal(await states(page, 'Connected'), connected + 1, 'connected channels')
  await desk.box.tell('step nav_result')
  await row.getByText('nav_result').waitFor()
  await desk.box.tell('bridge 8001')
  await row.getByText('8001', { exact: true }).waitFor()
  const seconds = async () => {
    const [minutes, rest] = (await row.locator('[data-test=duration]').textContent()).trim().split(':').map(Number)
    return minutes * 60 + rest
  }
  const begun = await seconds()
  await eventually(async () => (await seconds()) >= begun + 2, 'the duration ticks')
  await desk.box.tell('hangup')
  await row.waitFor({ state: 'detached' })

  await desk.box.tell('loss span2')
  const span = page.locator('[data-span=span2]')
  await span.getByText('loss of signal').waitFor()
  await span.getByText('D-channel down').waitFor()
  await desk.shot(page, 'overview-alarm-en')
})

story('lines_are_tested_and_their_verdicts_told_with_the_remedy_in_both_languages', async (desk) => {
  const page = await desk.signedIn()
  await page.getByText('Spans are watched for 10 s').waitFor()
  await page.locator('[data-span=span2] [data-test=test]').click()
  await page.locator('[data-line=span2] [role=status]').getByText('is watched').waitFor()
  await page.locator('[data-line=span2][data-health=warning]').getByText('3 slips in 10 s').waitFor()
  equal(await page.locator('[data-line]').count(), 1, 'the other lines were not tested')
  await page.click('[data-test=test-all]')
  const line = page.locator('[data-line="bank/1"][data-health=fault]')
  await line.getByText('check that the line is plugged in').waitFor()
  equal(await page.locator('[data-line]').count(), 4, 'all lines')
  await desk.shot(page, 'doctor-en')
  await line.getByRole('button', { name: 'Test again' }).click()
  await page.locator('[data-line="bank/1"] [role=status]').waitFor()
  await page.getByRole('button', { name: '中文' }).click()
  await line.getByText('无馈电').waitFor()
  await page.emulateMedia({ media: 'print' })
  holds(!(await page.isVisible('[data-span=span1]')), 'only the report is printed')
  await desk.shot(page, 'doctor-print-zh')
})

story('the_page_speaks_chinese_and_english_and_remembers_which', async (desk) => {
  const page = await desk.signedIn({ language: 'zh-CN' })
  equal(await text(page, 'h1'), '总览', 'the browser wants Chinese')
  await page.locator('[data-span=span1]').getByText('D 信道 已建立').waitFor()
  await desk.shot(page, 'overview-zh')
  await page.getByRole('button', { name: 'EN' }).click()
  equal(await text(page, 'h1'), 'Overview', 'switched')
  await page.reload()
  equal(await text(page, 'h1'), 'Overview', 'remembered')
  equal(await page.getAttribute('html', 'lang'), 'en', 'the server knows it before the first line is drawn')
  await page.getByRole('button', { name: '中文' }).click()
  equal(await text(page, 'h1'), '总览', 'switched back')
})

story('calls_are_listed_found_and_paged', async (desk) => {
  const page = await desk.signedIn()
  await page.click('nav >> text=Calls')
  await page.locator('[data-test=call]').first().waitFor()
  equal(await page.locator('[data-test=call]').count(), 50, 'the first page')
  await desk.shot(page, 'calls-en', false)
  await page.click('text=Older calls')
  await page.click('text=Back to the newest')
  await page.locator('[data-test=call]').nth(49).waitFor()

  await page.fill('[name=number]', '13901234567')
  await page.click('text=Find')
  await page.locator('[data-test=call]').nth(1).waitFor({ state: 'detached' })
  const row = await text(page, '[data-test=call]')
  for (const part of ['4008001234', 'language › menu › nav › nav_result', 'Normal call clearing']) {
    holds(row.includes(part), `${part} in the row: ${row}`)
  }
  await page.fill('[name=number]', '55555')
  await page.click('text=Find')
  await page.getByText('No call matches.').waitFor()
  await page.goBack()
  await page.locator('[data-test=call]').first().waitFor()

  await page.fill('[name=number]', '')
  await page.fill('[name=since]', '2001-01-01')
  await page.fill('[name=until]', '2001-12-31')
  await page.click('text=Find')
  await page.getByText('No call matches.').waitFor()
  await page.click('text=Clear')
  await page.locator('[data-test=call]').nth(49).waitFor()

  await desk.box.tell(`ring ${CALLER}`)
  await desk.box.tell('hangup')
  await page.locator('[data-test=call]').first().getByText(CALLER).waitFor()
  await page.getByRole('button', { name: '中文' }).click()
  await page.locator('[data-test=call]').first().getByText('正常挂机').waitFor()
  await desk.shot(page, 'calls-zh', false)
})

story('a_recording_plays_and_is_sought_in', async (desk) => {
  const page = await desk.signedIn()
  await page.goto(`${desk.box.address}/#/calls/${desk.box.call}`)
  await page.locator('audio').waitFor()
  const audio = page.locator('audio')
  await page.waitForFunction(() => document.querySelector('audio').readyState >= 1)
  equal(Math.round(await audio.evaluate((it) => it.duration)), 4, 'seconds of the recording')
  await audio.evaluate((it) => it.play())
  await page.waitForFunction(() => document.querySelector('audio').currentTime > 0.5)

  // A step of the menu leads to its moment: the fourth is 3.2 s after the answer.
  await page.locator('button', { hasText: '0:04' }).click()
  await page.waitForFunction(() => document.querySelector('audio').currentTime >= 3.1)
  holds((await audio.evaluate((it) => it.error)) === null, 'no fault of the player')
  await audio.evaluate((it) => it.pause())

  // What the browser decodes is what was recorded: the caller at 440 Hz on the left, the box at 1000 Hz on the right.
  const pitches = await page.evaluate(async (id) => {
    const octets = await (await fetch(`/api/recordings/${id}`)).arrayBuffer()
    const sound = await new OfflineAudioContext(2, 8000, 8000).decodeAudioData(octets)
    return [0, 1].map((side) => {
      const samples = sound.getChannelData(side).subarray(8000, 16_000)
      return samples.reduce((count, sample, at) => count + (at > 0 && samples[at - 1] < 0 && sample >= 0 ? 1 : 0), 0)
    })
  }, desk.box.recording)
  holds(Math.abs(pitches[0] - 440) <= 2 && Math.abs(pitches[1] - 1000) <= 2, `pitches ${pitches}`)

  await page.getByRole('button', { name: 'caller only' }).click()
  equal(await page.getByRole('button', { name: 'caller only' }).getAttribute('aria-pressed'), 'true', 'one side chosen')
  await desk.shot(page, 'call-en')
  await page.getByRole('button', { name: '中文' }).click()
  await desk.shot(page, 'call-zh')
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('text=下载录音')])
  equal(download.suggestedFilename(), `${desk.box.recording}.wav`, 'the saved file')
})

story('events_come_in_as_they_happen_and_older_ones_on_demand', async (desk) => {
  const page = await desk.signedIn()
  await page.click('nav >> text=Events')
  await page.locator('[data-test=event]').nth(99).waitFor()
  await desk.box.tell('loss span1')
  const first = page.locator('[data-test=event]').first()
  await first.getByText('Alarm').waitFor()
  await first.getByText('signal lost; check the cable').waitFor()
  await desk.shot(page, 'events-en', false)
  await page.click('text=Older events')
  await page.locator('[data-test=event]').nth(150).waitFor()
  const numbers = await page.locator('[data-test=event] td:nth-child(2)').allTextContents()
  const sorted = [...numbers].map(Number).sort((a, b) => b - a)
  equal(numbers.map(Number), sorted, 'newest first')
  equal(new Set(numbers).size, numbers.length, 'none twice')
  await page.getByRole('button', { name: '中文' }).click()
  await desk.shot(page, 'events-zh', false)
})

story('without_the_main_process_the_page_says_so_and_lists_go_on', async (desk) => {
  const page = await desk.signedIn({ language: 'zh-CN' })
  await desk.box.tell('away')
  await page.getByText('主进程 fundlined 没有应答').waitFor()
  await page.locator('[data-test=link]', { hasText: '主进程未运行' }).waitFor()
  await desk.shot(page, 'away-zh')
  await page.click('nav >> text=通话记录')
  await page.locator('[data-test=call]').nth(49).waitFor()
  await desk.box.tell('back')
  await page.locator('[data-test=link].good').waitFor()
  equal(await page.locator('[data-test=link-notice]').count(), 0, 'the notice goes by itself')
})

story('a_restarted_page_process_leads_back_to_the_sign_in', async (desk) => {
  const page = await desk.signedIn()
  await desk.box.stopPage()
  await page.getByText('The browser cannot reach the box').waitFor()
  await desk.box.startPage()
  await page.getByText('The session has ended. Please sign in again.').waitFor()
  await page.fill('[name=password]', desk.box.password)
  await page.click('button[type=submit]')
  await page.locator('[data-test=link].good').waitFor()
})

story('the_password_is_changed_and_signing_out_ends_the_session', async (desk) => {
  const page = await desk.signedIn()
  await page.click('summary')
  await page.click('text=Change password')
  await page.getByLabel('Current password').fill('wrong')
  await page.getByLabel('New password (').fill('a better one 2')
  await page.getByLabel('New password again').fill('a better one 2')
  await page.click('text=Save')
  await page.getByText('The current password is wrong.').waitFor()
  await desk.shot(page, 'password-en', false)
  await page.getByLabel('Current password').fill(desk.box.password)
  await page.click('text=Save')
  await page.getByText('The password is changed.').waitFor()
  await page.getByRole('button', { name: 'OK', exact: true }).click()
  await page.click('summary')
  await page.click('text=Sign out')
  await page.fill('[name=password]', desk.box.password)
  await page.click('button[type=submit]')
  await page.getByText('User or password is wrong.').waitFor()
  await page.fill('[name=password]', 'a better one 2')
  await page.click('button[type=submit]')
  await page.locator('[data-test=link].good').waitFor()
})

story('a_telephone_shows_every_view_without_sideways_scrolling', async (desk) => {
  const page = await desk.signedIn({ language: 'zh-CN', width: 390, height: 844, dark: true })
  for (const [path, name] of [
    ['#/', 'overview'],
    ['#/calls', 'calls'],
    [`#/calls/${desk.box.call}`, 'call'],
    ['#/events', 'events'],
  ]) {
    await page.goto(`${desk.box.address}/${path}`)
    await page.locator('[data-test=live-call], [data-test=call], audio, [data-test=event]').first().waitFor()
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    equal(over, 0, `${name}: pixels too wide`)
    await desk.shot(page, `phone-${name}-zh`, false)
  }
})

await run()
