import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { OrdinaryUser } from './ordinary-user/ordinary-user.ts'

let user: OrdinaryUser
let closed: string
beforeAll(() => {
  user = new OrdinaryUser()
  closed = mkdtempSync(join(tmpdir(), 'astern-closed-'))
  // Whoever runs this may be the ordinary user himself.
  chmodSync(closed, 0o000)
})
afterAll(() => {
  user.dispose()
  rmSync(closed, { recursive: true })
})

test.each([
  'status',
  'down',
  'kubeconfig',
  'image ls',
  'image add app:1 .',
  'image rm app:1',
  'image load app:1 ./app.tar',
])('astern %s on data of somebody else says whose they are, and what to do', (command) => {
  const uid = process.getuid?.()
  const ran = user.ran('bin/astern', ...command.split(' '), '--data', closed)
  const whose = `may not open ${closed}, which is user ${uid}'s alone\n`
  const next = 'run the command as the user who has called "astern up", or choose another'
  expect(ran).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(whose) })
  expect(ran.stderr).toContain(next)
})
