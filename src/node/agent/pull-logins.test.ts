import { describe, expect, test } from 'vitest'
import type { Pod, Secret } from '../../api/generated/types.ts'
import { pullLogins } from './pull-logins.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

function secretOf(auths: object): Secret {
  const data = { '.dockerconfigjson': base64(JSON.stringify({ auths })) }
  const type = 'kubernetes.io/dockerconfigjson'
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, type, data }
}

async function loginsFor(image: string, ...secrets: readonly (Secret | undefined)[]) {
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'n' },
    spec: { containers: [], imagePullSecrets: secrets.map((_, at) => ({ name: `${at}` })) },
  }
  const reader = {
    configMap: async () => undefined,
    secret: async (_: string, name: string) => secrets[Number(name)],
  }
  return (await pullLogins(reader, pod, image)).map(({ username }) => username)
}

const login = (username: string) => ({ username, password: 'x' })

describe('logins of imagePullSecrets', () => {
  test.each([
    ['registry.example.com/app:1', 'registry.example.com', true],
    ['registry.example.com/app:1', 'https://registry.example.com/v1/', true],
    ['registry.example.com/app:1', '*.example.com', true],
    ['registry.example.com/app:1', '*.com', false],
    ['registry.example.com/app:1', 'other.example.com', false],
    ['registry.example.com:5000/app:1', 'registry.example.com', false],
    ['registry.example.com:5000/app:1', 'registry.example.com:5000', true],
    ['registry.example.com/team/app:1', 'registry.example.com/team', true],
    ['registry.example.com/team/app:1', 'registry.example.com/others', false],
    ['app', 'https://index.docker.io/v1/', true],
    ['app', 'docker.io', true],
  ])('%s with one for %s: %s', async (image, registry, isFor) => {
    expect(await loginsFor(image, secretOf({ [registry]: login('me') }))).toEqual(
      isFor ? ['me'] : [],
    )
  })

  test('the narrowest comes first, whatever the order of the secrets', async () => {
    const wide = secretOf({ 'r.example.com': login('wide') })
    const narrow = secretOf({ 'r.example.com/team': login('narrow') })
    expect(await loginsFor('r.example.com/team/app', wide, narrow)).toEqual(['narrow', 'wide'])
  })

  test('user and password may be one text', async () => {
    const secret = secretOf({ 'r.example.com': { auth: base64('me:pass:word') } })
    expect(await loginsFor('r.example.com/app', secret)).toEqual(['me'])
  })

  test('what is missing or no configuration at all brings none', async () => {
    const broken = { ...secretOf({}), data: { '.dockerconfigjson': 'bm90IEpTT04=' } }
    expect(await loginsFor('r.example.com/app', undefined, broken)).toEqual([])
  })
})
