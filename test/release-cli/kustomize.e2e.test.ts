import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { kubectlBinary } from '../kubectl-binary.ts'
import { GivenEngine } from '../seed/given-engine.ts'
import { GivenStory, manifestOf } from './given-story.ts'

let engine: GivenEngine
let story: GivenStory
let env: { readonly PATH: string }
beforeAll(async () => {
  engine = await GivenEngine.start('simulated')
})
afterAll(() => engine.stop())
beforeEach(async () => {
  story = await GivenStory.on(engine)
  const bin = join(story.namespace.dir, 'bin')
  await mkdir(bin)
  await symlink(kubectlBinary('36'), join(bin, 'kubectl'))
  env = { PATH: `${bin}:${process.env.PATH}` }
})
afterEach(() => story.end())

const base = 'resources: [deployment.yaml]\n'
const overlay = (tag: string) => `resources: [../base]
images: [{ name: app, newTag: "${tag}" }]
configMapGenerator: [{ name: settings, literals: [TEXT=of-${tag}] }]
`

/** Commits the overlay with another tag, and applies it. */
async function deploy(tag: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
  const files = {
    'web/base/deployment.yaml': manifestOf('app:0'),
    'web/base/kustomization.yaml': base,
    'web/prod/kustomization.yaml': overlay(tag),
    ...more,
  }
  const commit = await story.commit(files, `Ship ${tag}`)
  await story.succeed('apply -k web/prod', { env })
  await story.namespace.rolledOut()
  return commit
}

const astern = (command: string) => story.astern(command, { env })

test('apply -k says where it comes from; drift, rollback and the next apply know the folder', async () => {
  const first = await deploy('1')
  await deploy('2')
  const { metadata } = await story.namespace.get('deployment/app')
  expect(metadata.annotations).toMatchObject({
    'astern.dev/path': 'web/prod',
    'astern.dev/tree': 'clean',
  })
  expect((await astern('drift deployment/app')).code).toBe(0)
  const { code, stdout, stderr } = await astern('rollback deployment/app --push')
  expect({ code, stdout, stderr }).toMatchObject({ code: 0 })
  expect(stderr).toContain(`commit ${first.slice(0, 12)}`)
  expect(await story.pushed('web/prod/kustomization.yaml')).toBe(overlay('1').trimEnd())
  expect(await story.image()).toBe('app:1')
  expect((await astern('drift deployment/app')).code).toBe(0)
  const again = await story.succeed('apply -k web/prod', { env })
  expect(again).toMatch(/^configmap\/settings-\w+ unchanged\ndeployment.apps\/app unchanged\n$/)
})

test('what cannot be is said: no kubectl, files elsewhere, a template to be edited', async () => {
  await deploy('1')
  const spec = '  minReadySeconds: 1\n'
  const container = '          args: [x]\n'
  const moved = manifestOf('app:0', { spec, container })
  await deploy('2', { 'web/base/deployment.yaml': moved })
  const none = await story.astern('drift deployment/app', { env: { PATH: '/usr/bin/nothing' } })
  expect(none.code).toBe(1)
  const outside = await astern('rollback deployment/app --push')
  expect(outside.code).toBe(1)
  expect(outside.stderr).toContain('it reads files elsewhere that have changed since')
  expect(await story.image()).toBe('app:2')
  const whole = await astern('rollback deployment/app --push -k web/prod -f web')
  expect({ code: whole.code, stderr: whole.stderr }).toMatchObject({ code: 0 })
  expect(await story.pushed('web/base/deployment.yaml')).toBe(manifestOf('app:0').trimEnd())
  await story.namespace.run('set image deployment/app app=app:hand')
  await story.namespace.rolledOut()
  const adopted = await astern('drift deployment/app --adopt --push')
  expect(adopted.stderr).toContain('is made by kustomize in web/prod')
})

test('without a kubectl, and with both -f and -k', async () => {
  await story.repository.write({ 'web/prod/kustomization.yaml': overlay('1') })
  const none = await story.astern('apply -k web/prod', { env: { PATH: '' } })
  expect(none).toMatchObject({ code: 1, stdout: '' })
  expect(none.stderr).toMatch(/web\/prod is for kustomize, and there is no kubectl on the PATH/)
  const both = await astern('apply -k web/prod -f web')
  expect(both.stderr).toBe('error: only one of -f or -k can be specified\n')
})
