import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { apiVersionOf } from '../src/api/resource.ts'
import { servedResources } from '../src/apiserver/wire/served.ts'
import { type KubectlAgainstApi, kubectlAgainstApi } from './kubectl-wire.fixture.ts'

const manifest = (image: string, replicas = 3) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: app
  labels: {app: app}
spec:
  replicas: ${replicas}
  selector:
    matchLabels: {app: app}
  template:
    metadata:
      labels: {app: app}
    spec:
      containers:
      - name: app
        image: ${image}
        ports:
        - containerPort: 8080
`

/** From kubectl 1.34 on, `delete` says from which namespace (V-02). */
const deleted = { 36: ' from default namespace', 33: '' }

describe.each(['36', '33'] as const)('kubectl 1.%s', (version) => {
  let kubectl: KubectlAgainstApi

  beforeAll(async () => {
    kubectl = await kubectlAgainstApi(version)
  })
  afterAll(() => kubectl.close())

  const jsonOf = async (...args: string[]) =>
    JSON.parse(await kubectl.quiet('get', '-o', 'json', ...args))

  it('version, api-resources, cluster-info', async () => {
    const { stdout } = await kubectl.run(['version'])
    expect(stdout).toContain('Server Version: v1.35.0+astern.0.1.0')
    const resources = await kubectl.quiet('api-resources', '--no-headers')
    const rows = resources
      .trim()
      .split('\n')
      .map((row) => row.trim().split(/\s{2,}/))
    expect(rows).toContainEqual(['deployments', 'deploy', 'apps/v1', 'true', 'Deployment'])
    expect(rows).toContainEqual(['endpointslices', 'discovery.k8s.io/v1', 'true', 'EndpointSlice'])
    // Each once, in the version that is preferred.
    const names = servedResources().map(({ resource }) => `${resource.plural}.${resource.group}`)
    expect(rows).toHaveLength(new Set(names).size)
    const versions = new Set(servedResources().map(({ resource }) => apiVersionOf(resource)))
    expect(versions).toContain('apps/v1')
    expect(await kubectl.quiet('api-versions')).toBe(`${[...versions].sort().join('\n')}\n`)
    expect(await kubectl.quiet('get', '--raw', '/readyz')).toBe('ok')
  })

  it('create, and what exists already (A-23, S-18)', async () => {
    const file = await kubectl.file('app.yaml', manifest('learnk8s/app:1.0.0'))
    expect(await kubectl.quiet('create', '-f', file)).toBe('deployment.apps/app created\n')
    const again = await kubectl.run(['create', '-f', file])
    expect(again.code).toBe(1)
    expect(again.stderr).toBe(
      `Error from server (AlreadyExists): error when creating "${file}": deployments.apps "app" already exists\n`,
    )
  })

  it('get as table, wide, name, jsonpath, yaml, with labels, as scale (G.6)', async () => {
    expect(await kubectl.quiet('get', 'deploy')).toMatch(
      /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE *\napp +0\/3 +0 +0 +\d+s *\n$/,
    )
    expect(await kubectl.quiet('get', 'deploy', '-o', 'wide')).toMatch(
      /CONTAINERS +IMAGES +SELECTOR *\n.* app +learnk8s\/app:1\.0\.0 +app=app *\n$/,
    )
    expect(await kubectl.quiet('get', 'deploy', '-o', 'name')).toBe('deployment.apps/app\n')
    const path = 'jsonpath={.spec.template.spec.containers[0].image}'
    expect(await kubectl.quiet('get', 'deploy/app', '-o', path)).toBe('learnk8s/app:1.0.0')
    expect(await kubectl.quiet('get', 'deploy/app', '-o', 'yaml')).toMatch(
      /^apiVersion: apps\/v1\n/,
    )
    expect(await kubectl.quiet('get', 'deploy', '--show-labels')).toMatch(/LABELS\n.*app=app\n$/)
    expect(await kubectl.quiet('get', 'deploy', 'app', '--subresource=scale')).toMatch(
      /^NAME +DESIRED +AVAILABLE +AGE *\napp +3 +0 /,
    )
  })

  it('get -A, -l, --field-selector, all, and nothing (G-04)', async () => {
    expect(await kubectl.quiet('get', 'deploy', '-A')).toMatch(/^NAMESPACE +NAME.*\ndefault +app /)
    expect(await kubectl.quiet('get', 'deploy', '-l', 'app in (app)', '-o', 'name')).toBe(
      'deployment.apps/app\n',
    )
    const byName = ['--field-selector', 'metadata.name=kube-system', '-o', 'name']
    expect(await kubectl.quiet('get', 'ns', ...byName)).toBe('namespace/kube-system\n')
    expect(await kubectl.quiet('get', 'all')).toMatch(
      /service\/kubernetes [\s\S]*deployment\.apps\/app /,
    )
    const none = await kubectl.run(['get', 'deploy', '-l', 'app=other'])
    expect(none).toEqual({
      code: 0,
      stdout: '',
      stderr: 'No resources found in default namespace.\n',
    })
  })

  it('apply, unchanged, diff, configured (G-03, G-05)', async () => {
    const file = await kubectl.file('app.yaml', manifest('learnk8s/app:1.0.0'))
    const first = await kubectl.run(['apply', '-f', file])
    expect(first.stdout).toBe('deployment.apps/app configured\n')
    expect(first.stderr).toMatch(
      /^Warning: resource deployments\/app is missing the kubectl\.kubernetes\.io\/last-applied/,
    )
    expect(await kubectl.quiet('apply', '-f', file)).toBe('deployment.apps/app unchanged\n')
    expect((await kubectl.run(['diff', '-f', file])).code).toBe(0)
    const newer = await kubectl.file('app-2.yaml', manifest('learnk8s/app:1.1.0'))
    const diff = await kubectl.run(['diff', '-f', newer])
    expect(diff.code).toBe(1)
    expect(diff.stdout).toMatch(/^-.*learnk8s\/app:1\.0\.0\n\+.*learnk8s\/app:1\.1\.0$/m)
    expect(await kubectl.quiet('apply', '-f', newer)).toBe('deployment.apps/app configured\n')
  })

  it('set image, env and resources; what apply keeps of them', async () => {
    expect(await kubectl.quiet('set', 'image', 'deploy/app', 'app=learnk8s/app:1.2.0')).toBe(
      'deployment.apps/app image updated\n',
    )
    expect(await kubectl.quiet('set', 'env', 'deploy/app', 'A=b')).toBe(
      'deployment.apps/app env updated\n',
    )
    expect(await kubectl.quiet('set', 'resources', 'deploy/app', '--limits=cpu=200m')).toBe(
      'deployment.apps/app resource requirements updated\n',
    )
    const file = await kubectl.file('app-3.yaml', manifest('learnk8s/app:1.3.0'))
    expect(await kubectl.quiet('apply', '-f', file)).toBe('deployment.apps/app configured\n')
    const [container] = (await jsonOf('deploy/app')).spec.template.spec.containers
    expect(container).toMatchObject({
      image: 'learnk8s/app:1.3.0',
      env: [{ name: 'A', value: 'b' }],
      resources: { limits: { cpu: '200m' } },
    })
  })

  it('scale, blindly and with a condition (G-07)', async () => {
    expect(await kubectl.quiet('scale', 'deploy/app', '--replicas=5')).toBe(
      'deployment.apps/app scaled\n',
    )
    expect(await kubectl.quiet('scale', 'deploy/app', '--replicas=4', '--current-replicas=5')).toBe(
      'deployment.apps/app scaled\n',
    )
    const wrong = await kubectl.run(['scale', 'deploy/app', '--replicas=1', '--current-replicas=9'])
    expect(wrong.stderr).toContain('Expected replicas to be 9, was 4')
    expect((await jsonOf('deploy/app')).spec.replicas).toBe(4)
  })

  it('patch in three forms', async () => {
    const patch = (type: string, body: string) =>
      kubectl.quiet('patch', 'deploy/app', `--type=${type}`, '-p', body)
    expect(
      await patch(
        'strategic',
        '{"spec":{"template":{"spec":{"containers":[{"name":"app","imagePullPolicy":"Never"}]}}}}',
      ),
    ).toBe('deployment.apps/app patched\n')
    expect(await patch('merge', '{"spec":{"replicas":2}}')).toBe('deployment.apps/app patched\n')
    expect(await patch('merge', '{"spec":{"replicas":2}}')).toBe(
      'deployment.apps/app patched (no change)\n',
    )
    expect(await patch('json', '[{"op":"replace","path":"/spec/replicas","value":3}]')).toBe(
      'deployment.apps/app patched\n',
    )
    const { spec } = await jsonOf('deploy/app')
    expect(spec.replicas).toBe(3)
    expect(spec.template.spec.containers).toMatchObject([
      { name: 'app', imagePullPolicy: 'Never', image: 'learnk8s/app:1.3.0' },
    ])
  })

  it('label, annotate, replace, and a stale replace (A-24)', async () => {
    expect(await kubectl.quiet('label', 'deploy/app', 'tier=front')).toBe(
      'deployment.apps/app labeled\n',
    )
    expect(await kubectl.quiet('annotate', 'deploy/app', 'why=because')).toBe(
      'deployment.apps/app annotated\n',
    )
    const object = await jsonOf('deploy/app')
    const replaced = await kubectl.run(['replace', '-f', '-'], JSON.stringify(object))
    expect(replaced.stdout).toBe('deployment.apps/app replaced\n')
    const stale = {
      ...object,
      metadata: { ...object.metadata, resourceVersion: '1' },
      spec: { ...object.spec, replicas: 9 },
    }
    const refused = await kubectl.run(['replace', '-f', '-'], JSON.stringify(stale))
    expect(refused.stderr).toContain(
      'Error from server (Conflict): error when replacing "STDIN": Operation cannot be fulfilled on deployments.apps "app": the object has been modified',
    )
  })

  it('create without a file: kubectl writes these bodies as protobuf', async () => {
    expect(await kubectl.quiet('create', 'configmap', 'c', '--from-literal=a=b')).toBe(
      'configmap/c created\n',
    )
    expect(await kubectl.quiet('create', 'secret', 'generic', 's', '--from-literal=a=b')).toBe(
      'secret/s created\n',
    )
    expect(await kubectl.quiet('create', 'sa', 'robot')).toBe('serviceaccount/robot created\n')
    expect(await kubectl.quiet('create', 'ns', 'other')).toBe('namespace/other created\n')
    expect(
      await kubectl.quiet('create', 'deploy', 'web', '--image=nginx', '--port=80', '-n', 'other'),
    ).toBe('deployment.apps/web created\n')
    expect(
      await kubectl.quiet('create', 'svc', 'nodeport', 'web', '--tcp=80:8080', '-n', 'other'),
    ).toBe('service/web created\n')
    expect((await jsonOf('cm/c')).data).toEqual({ a: 'b' })
    expect((await jsonOf('secret/s')).data).toEqual({ a: 'Yg==' })
    const web = await jsonOf('deploy/web', '-n', 'other')
    expect(web.spec.template.spec.containers).toMatchObject([
      { name: 'nginx', image: 'nginx', ports: [{ containerPort: 80 }] },
    ])
    expect((await jsonOf('svc/web', '-n', 'other')).spec.ports).toMatchObject([
      { port: 80, targetPort: 8080 },
    ])
  })

  it('run, expose, describe', async () => {
    expect(await kubectl.quiet('run', 'one', '--image=busybox', '--labels=app=one')).toBe(
      'pod/one created\n',
    )
    expect(await kubectl.quiet('get', 'pod', 'one')).toMatch(
      /^NAME +READY +STATUS +RESTARTS +AGE *\none +0\/1 +Pending +0 /,
    )
    expect(await kubectl.quiet('expose', 'deploy/app', '--port=80', '--target-port=8080')).toBe(
      'service/app exposed\n',
    )
    expect(await kubectl.quiet('get', 'svc', 'app')).toMatch(
      /\napp +ClusterIP +127\.77\.\d+\.\d+ +<none> +80\/TCP /,
    )
    const text = await kubectl.quiet('describe', 'deploy', 'app')
    expect(text).toMatch(/^Name: +app\nNamespace: +default\n/)
    expect(text).toContain('RollingUpdateStrategy:  25% max unavailable, 25% max surge\n')
    expect(await kubectl.quiet('describe', 'pod', 'one')).toContain('Status:           Pending\n')
  })

  it('strict validation is the server’s; a warning may hold any text (A-25, H-20, H-21)', async () => {
    const file = await kubectl.file(
      'odd.yaml',
      manifest('i:1').replace('replicas:', 'größe:').replace('name: app', 'name: odd'),
    )
    const strict = await kubectl.run(['create', '-f', file])
    expect(strict.stderr).toBe(
      `Error from server (BadRequest): error when creating "${file}": Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.größe"\n`,
    )
    const warned = await kubectl.run(['create', '--validate=warn', '-f', file])
    expect(warned).toMatchObject({ code: 0, stderr: 'Warning: unknown field "spec.größe"\n' })
    const dry = await kubectl.run([
      'create',
      '--validate=ignore',
      '--dry-run=server',
      '-n',
      'other',
      '-f',
      file,
    ])
    expect(dry.stdout).toBe('deployment.apps/odd created (server dry run)\n')
    expect((await kubectl.run(['get', 'deploy/odd', '-n', 'other'])).code).toBe(1)
  })

  it('get -w prints rows as things happen (H-05, H-08)', async () => {
    let output = ''
    let wake = () => {}
    const until = async (pattern: RegExp) => {
      while (!pattern.test(output)) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
    const child = kubectl.start(['get', 'deploy', 'app', '-w'], (text) => {
      output += text
      wake()
    })
    await until(/\napp +0\/3 /)
    await kubectl.quiet('scale', 'deploy/app', '--replicas=7')
    await until(/\napp +0\/7 /)
    expect(output.match(/NAME/g)).toHaveLength(1)
    child.kill()
    await once(child, 'close')
  })

  it('rollout status follows by WatchList or list and watch until its time is over (G-3B, G-3E)', async () => {
    const { code, stdout, stderr } = await kubectl.run([
      'rollout',
      'status',
      'deploy/app',
      '--timeout=1s',
    ])
    expect([code, stderr]).toEqual([1, 'error: timed out waiting for the condition\n'])
    expect(stdout).toBe('Waiting for deployment spec update to be observed...\n')
  })

  it('rollout history and pause are ordinary reads and patches', async () => {
    expect(await kubectl.quiet('rollout', 'history', 'deploy/app')).toBe(
      'deployment.apps/app \nNo rollout history found.\n',
    )
    expect(await kubectl.quiet('rollout', 'pause', 'deploy/app')).toBe(
      'deployment.apps/app paused\n',
    )
    expect(await kubectl.quiet('rollout', 'resume', 'deploy/app')).toBe(
      'deployment.apps/app resumed\n',
    )
  })

  it('explain reads the schemas', async () => {
    const text = await kubectl.quiet('explain', 'deployment.spec.strategy')
    expect(text).toMatch(/KIND: +Deployment\nVERSION: +v1\n\nFIELD: strategy <DeploymentStrategy>/)
    expect(text).toContain('rollingUpdate\t<RollingUpdateDeployment>')
  })

  it('errors of the server (A-22..24)', async () => {
    const missing = await kubectl.run(['get', 'deploy', 'nope'])
    expect(missing.stderr).toBe('Error from server (NotFound): deployments.apps "nope" not found\n')
    const type = await kubectl.run(['get', 'widgets'])
    expect(type.stderr).toBe('error: the server doesn\'t have a resource type "widgets"\n')
    const big = JSON.stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'big' },
      data: { a: 'x'.repeat(4_000_000) },
    })
    const refused = await kubectl.run(['create', '-f', '-'], big)
    expect(refused.stderr).toContain('Request entity is too large: limit is 3145728')
  })

  it('logs of a pod on a node; a followed log ends when it ends (H-18)', async () => {
    kubectl.api.server.podConnector = {
      async *log(_pod, { tailLines, follow }) {
        yield Buffer.from('one\n')
        yield Buffer.from(`two tail=${tailLines} follow=${follow}\n`)
      },
    }
    const bind = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name: 'one' },
      target: { kind: 'Node', name: 'n' },
    }
    const pod = '/api/v1/namespaces/default/pods/one'
    const headers = { 'content-type': 'application/json' }
    await kubectl.api.ask(`${pod}/binding`, { method: 'POST', headers, body: JSON.stringify(bind) })
    const state = { running: { startedAt: '2026-01-01T00:00:00Z' } }
    const status = {
      name: 'one',
      image: 'busybox',
      imageID: '',
      ready: true,
      restartCount: 0,
      state,
    }
    const patch = { status: { phase: 'Running', containerStatuses: [status] } }
    const merge = { 'content-type': 'application/merge-patch+json' }
    await kubectl.api.ask(`${pod}/status`, {
      method: 'PATCH',
      headers: merge,
      body: JSON.stringify(patch),
    })
    expect(await kubectl.quiet('get', 'pod', 'one')).toMatch(/\none +1\/1 +Running +0 /)
    expect(await kubectl.quiet('logs', 'one', '--tail=5', '-f')).toBe(
      'one\ntwo tail=5 follow=true\n',
    )
    const wrong = await kubectl.run(['logs', 'one', '-c', 'nope'])
    expect(wrong.stderr).toContain('container nope is not valid for pod one')
  })

  it('delete (V-02, E-07)', async () => {
    expect(await kubectl.quiet('delete', 'deploy/app')).toBe(
      `deployment.apps "app" deleted${deleted[version]}\n`,
    )
    expect(await kubectl.quiet('delete', 'cm', '--all')).toBe(
      `configmap "c" deleted${deleted[version]}\n`,
    )
    const again = await kubectl.run(['delete', 'deploy', 'app'])
    expect(again.stderr).toBe('Error from server (NotFound): deployments.apps "app" not found\n')
    expect((await kubectl.run(['delete', 'deploy', 'app', '--ignore-not-found'])).code).toBe(0)
  })
})
