import { describe, expect, test } from 'vitest'
import { givenTemplate } from '../given-release.fixture.ts'
import { isSameTemplate, templateOf } from '../template.ts'
import { editConfiguration, editTemplate, NotEditable } from './edit-manifest.ts'
import { parseManifests } from './parse-manifests.ts'

const manifest = `# our app
apiVersion: v1
kind: ConfigMap
metadata: {name: settings} # untouched   spacing
---
# the workload
kind: Deployment
apiVersion: apps/v1
metadata:
  name:   app
spec:
  replicas: 3
  selector: {matchLabels: &labels {app: app}}
  template:
    metadata:
      labels: *labels
    spec:
      containers:
      - image: "app:2" # the version
        name: app
`

async function edit(text: string, template = givenTemplate('app:1')): Promise<string> {
  const found = (await parseManifests(text, 'x')).find(({ object }) => object.kind === 'Deployment')
  if (!found) throw new Error('no Deployment')
  const after = await editTemplate(text, { path: 'x', ...found }, template)
  const now = (await parseManifests(after, 'x')).find(({ object }) => object.kind === 'Deployment')
  const meant = now && templateOf(now.object)
  expect(meant && isSameTemplate(meant, template)).toBe(true)
  return after
}

describe('only the template is edited', () => {
  test('a value is exchanged, and no other character', async () => {
    expect(await edit(manifest)).toBe(manifest.replace('"app:2"', '"app:1"'))
  })

  test('with CRLF', async () => {
    const crlf = manifest.replaceAll('\n', '\r\n')
    expect(await edit(crlf)).toBe(crlf.replace('"app:2"', '"app:1"'))
  })

  test('what is the default already stays unwritten, what is written stays', async () => {
    const written = manifest.replace(
      'name: app\n',
      'name: app\n        imagePullPolicy: IfNotPresent\n',
    )
    expect(await edit(written)).toContain('imagePullPolicy: IfNotPresent')
    expect(await edit(manifest)).not.toContain('terminationGracePeriodSeconds')
  })

  test('fields come and go; comments, anchors, order and other documents stay', async () => {
    const template = givenTemplate('app:1', {
      containers: [{ name: 'app', image: 'app:1', env: [{ name: 'A', value: 'yes' }] }],
      terminationGracePeriodSeconds: 5,
    })
    const after = await edit(manifest, template)
    expect(after).toContain(manifest.slice(0, manifest.indexOf('---')))
    for (const kept of [
      '# the workload',
      '# the version',
      '&labels',
      '*labels',
      'terminationGracePeriodSeconds: 5',
    ]) {
      expect(after).toContain(kept)
    }
    expect(after.indexOf('image:')).toBeLessThan(
      after.indexOf('name: app\n', after.indexOf('image:')),
    )
    expect(await edit(after)).not.toContain('env:')
  })

  test('a sidecar between others', async () => {
    const two = [
      { name: 'side', image: 's:1' },
      { name: 'app', image: 'app:2' },
    ]
    expect(await edit(manifest, givenTemplate('', { containers: two }))).toContain('# the version')
  })

  test('a version that looks like a number stays a string', async () => {
    const env = (value: string) =>
      givenTemplate('app:2', {
        containers: [{ name: 'app', image: 'app:2', env: [{ name: 'V', value }] }],
      })
    const one = await edit(manifest, env('on'))
    expect(await edit(one, env('1.10'))).toContain('"1.10"')
  })

  test('an anchor that something else uses is refused, not bent', async () => {
    const shared = manifest
      .replace('name:   app', 'name: app\n  annotations: {of: &image "app:2"}')
      .replace('image: "app:2"', 'image: *image')
    await expect(
      edit(shared.replace('{of: &image "app:2"}', '{of: x}').replace('*image', '&image "app:2"')),
    ).resolves.toContain('app:1')
    await expect(edit(shared)).resolves.toContain('of: &image "app:2"')
    const merged = manifest.replace(
      '      - image: "app:2" # the version\n        name: app\n',
      '      - <<: {image: "app:2", tty: true}\n        name: app\n',
    )
    await expect(edit(merged)).rejects.toThrow(NotEditable)
  })
})

describe('only the content of a ConfigMap is edited', () => {
  const settings = `# read by app
kind: ConfigMap
apiVersion: v1
metadata: {name: settings, labels: &l {app: app}}
data:
  A: one # the first
  B: |
    two
    lines
---
kind: ConfigMap
apiVersion: v1
metadata: {name: other}
data: {A: one}
`
  const editSettings = async (data: Readonly<Record<string, string>>, text = settings) => {
    const [found] = await parseManifests(text, 'x')
    if (!found) throw new Error('no ConfigMap')
    return editConfiguration(text, { path: 'x', ...found }, { data })
  }

  test('a value is exchanged, and no other character', async () => {
    const data = { A: 'uno', B: 'two\nlines\n' }
    expect(await editSettings(data)).toBe(settings.replace('A: one #', 'A: uno #'))
    const crlf = settings.replaceAll('\n', '\r\n')
    expect(await editSettings(data, crlf)).toBe(crlf.replace('A: one #', 'A: uno #'))
  })

  test('what would read as something else is quoted', async () => {
    const data = { A: 'yes', B: 'two\nlines\n' }
    expect(await editSettings(data)).toContain('A: "yes" # the first')
  })

  test('keys come and go, a text of several lines changes; the other document stays', async () => {
    const edited = await editSettings({ B: 'two\nmore\n', C: 'three' })
    expect(edited).toContain('  B: |\n    two\n    more\n  C: three\n---\n')
    expect(edited).toContain('# read by app')
    expect(edited.split('---\n')[1]).toBe(settings.split('---\n')[1])
    const none = await editSettings({})
    expect(none).not.toContain('B:')
  })

  test('an anchor that goes leaves its value to those that named it', async () => {
    const shared = settings.replace('A: one # the first', 'A: &a one\n  Z: *a')
    const data = { A: 'uno', B: 'two\nlines\n', Z: 'one' }
    expect(await editSettings(data, shared)).toMatch(/A: uno\n {2}Z: one\n/)
  })

  test('refused where another part would lose it', async () => {
    const head = 'kind: ConfigMap\napiVersion: v1\n'
    const text = `${head}data: {A: &a one}\nmetadata: {name: settings, labels: {app: *a}}\n`
    await expect(editSettings({ A: 'uno' }, text)).rejects.toThrow(NotEditable)
  })
})
