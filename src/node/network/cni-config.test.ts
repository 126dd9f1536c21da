import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { networkIn, ownNetwork, pluginTypes } from './cni-config.ts'

const dirs: string[] = []

function confDir(files: Readonly<Record<string, unknown>>): string {
  const dir = mkdtempSync(join(tmpdir(), 'astern-cni-'))
  dirs.push(dir)
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(dir, name), typeof content === 'string' ? content : JSON.stringify(content))
  }
  return dir
}

afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true })
})

const list = {
  cniVersion: '1.0.0',
  name: 'net',
  plugins: [{ type: 'ptp', ipam: { type: 'dhcp' } }],
}

test('the network of a directory is the first by name of file', () => {
  const dir = confDir({
    '20-other.conflist': { ...list, name: 'other' },
    '10-net.conflist': list,
    README: 'x',
  })
  expect(networkIn(dir)).toEqual(list)
  expect(pluginTypes(networkIn(dir))).toEqual(['loopback', 'ptp', 'dhcp'])
})

test('a single plugin counts as a network of one', () => {
  const dir = confDir({
    'a.conf': { cniVersion: '0.4.0', name: 'one', type: 'macvlan', master: 'e' },
  })
  const { name, plugins } = networkIn(dir)
  expect({ name, plugins }).toEqual({ name: 'one', plugins: [{ type: 'macvlan', master: 'e' }] })
})

test('what describes no network is refused with file and reason', () => {
  expect(() => networkIn(confDir({}))).toThrow(/no network .* is described in/)
  expect(() => networkIn(confDir({ 'a.conf': '{' }))).toThrow(/a\.conf describes no CNI network/)
  expect(() => networkIn(confDir({ 'a.conflist': { ...list, name: '' } }))).toThrow(/has no name/)
  expect(() => networkIn(confDir({ 'a.conflist': { ...list, plugins: [] } }))).toThrow(/no plugin/)
  const evil = { ...list, plugins: [{ type: '../../bin/sh' }] }
  expect(() => networkIn(confDir({ 'a.conflist': evil }))).toThrow(/has no type/)
})

test('without iptables the own network translates no addresses and maps no ports', () => {
  const own = { mark: '0123abcd', podCidr: '10.64.0.0/17', addressesDir: '/d' }
  expect(pluginTypes(ownNetwork({ ...own, canTranslate: false }))).toEqual([
    'loopback',
    'bridge',
    'host-local',
  ])
  const [bridge] = ownNetwork({ ...own, canTranslate: true }).plugins
  expect(bridge?.ipMasq).toBe(true)
  expect(String(bridge?.bridge).length).toBeLessThanOrEqual(15)
})
