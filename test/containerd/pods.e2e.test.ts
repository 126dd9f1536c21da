import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { configMaps, nodes, secrets, services } from '../../src/api/scheme.ts'
import { seen } from '../exec.fixture.ts'
import { kubectlBinary } from '../kubectl-binary.ts'
import { GivenRegistry } from '../oci-image.fixture.ts'
import { isRunning } from '../process-runtime/marked-processes.ts'
import { describeContainerd } from './describe-containerd.ts'
import { busyboxImage, GivenContainerd } from './given-containerd.ts'
import { eventually, GivenPods, inDefault, sh, waits } from './given-pods.ts'

describeContainerd('--runtime containerd', () => describe('--runtime containerd', describePods))

const body = async (url: string) => (await fetch(url)).text()

function describePods(): void {
  let containerd: GivenContainerd
  let given: GivenPods
  beforeAll(async () => {
    containerd = await GivenContainerd.start()
    containerd.registry.push('library/box:1', busyboxImage(sh(waits).command))
    const web = 'echo hello >/tmp/index.html; httpd -f -p 8080 -h /tmp & wait'
    containerd.registry.push('library/web:1', busyboxImage(sh(web).command))
    given = await GivenPods.start(containerd)
  })
  afterAll(async () => {
    await given?.stop()
    await containerd?.stop()
  })

  test('a Deployment rolls out by stock kubectl; Services lead to it from here and from pods', async () => {
    const readinessProbe = { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 }
    const template = {
      metadata: { labels: { app: 'web' } },
      spec: {
        terminationGracePeriodSeconds: 2,
        containers: [{ name: 'web', image: 'web:1', readinessProbe }],
      },
    }
    const spec = { replicas: 2, selector: { matchLabels: { app: 'web' } }, template }
    const metadata = { name: 'web' }
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec }
    const applied = await given.kubectl(['apply', '-f', '-'], JSON.stringify(deployment))
    expect(applied).toMatchObject({ code: 0 })
    const ports = [{ port: 80, targetPort: 8080 }]
    const type = 'NodePort' as const
    const service = { selector: { app: 'web' }, ports, type }
    const web = { apiVersion: 'v1', kind: 'Service', metadata, spec: service }
    await given.api.create(services, inDefault, web)
    const status = await given.kubectl(['rollout', 'status', 'deployment/web', '--timeout=60s'])
    expect(status.stdout).toContain('deployment "web" successfully rolled out')
    const made = (await given.api.get(services, { ...inDefault, name: 'web' })).spec
    expect(made?.clusterIP).toMatch(/^10\./)
    const url = `http://${made?.clusterIP}/`
    await expect.poll(() => body(url).catch(String), eventually).toBe('hello\n')
    expect(await body(`http://127.0.0.1:${made?.ports?.[0]?.nodePort}/`)).toBe('hello\n')
    const inside = ['exec', 'deployment/web', '--', 'wget', '-qO-', url]
    expect((await given.kubectl(inside)).stdout).toBe('hello\n')
    const byName = ['exec', 'deployment/web', '--', 'wget', '-qO-', 'http://web.default/']
    expect((await given.kubectl(byName)).stdout).toBe('hello\n')
    const wide = (await given.kubectl(['get', 'pods', '-l', 'app=web', '-o', 'wide'])).stdout
    expect(new Set(wide.match(/ 10\.\d+\.\d+\.\d+ /g)).size).toBe(2)
  })

  test('the node tells which containerd it is', async () => {
    const [node] = (await given.api.list(nodes, {})).items
    const { containerRuntimeVersion } = node?.status?.nodeInfo ?? {}
    expect(containerRuntimeVersion).toMatch(/^containerd:\/\/\d+\.\d+/)
  })

  describe('one pod and who connects to it (H-18)', () => {
    const kubectl = (command: string, stdin?: string) => given.kubectl(command.split(' '), stdin)

    beforeAll(async () => {
      const io = { stdin: true, image: 'web:1' }
      const script = 'httpd -f -p 127.0.0.1:8081 -h /tmp & echo here >/tmp/index.html; cat'
      await given.runPod('io', { ...sh(script), ...io })
      await given.ready('io')
    })

    test('exec passes on exit code, both streams and the end of the input', async () => {
      const script = 'cat; echo err >&2; exit 7'
      const args = ['exec', '-i', 'io', '--', 'sh', '-c', script]
      expect(await given.kubectl(args, 'through\n')).toEqual({
        code: 7,
        stdout: 'through\n',
        stderr: 'err\ncommand terminated with exit code 7\n',
      })
      expect(await kubectl('exec io -- /no/such')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('no such file or directory'),
      })
    })

    test('3 MB go through whole', async () => {
      const large = 'x'.repeat(3_000_000)
      const once = async () => (await kubectl('exec -i io -- cat', large)).stdout === large
      // What a reader leaves behind at the end differs from time to time.
      expect(await Promise.all(Array.from({ length: 6 }, once))).not.toContain(false)
    })

    test.runIf(existsSync('/usr/bin/script'))('exec -it has a terminal', async () => {
      const sized = 'until [ "$(stty size)" = "33 99" ]; do sleep 0.1; done'
      const command = `'${sized}; echo sized; read word; echo "[$word]"; exit 5'`
      const line = `stty rows 33 cols 99; ${kubectlBinary()} exec -it io -- sh -c ${command}`
      const client = given.spawn('script', ['-qec', line, '/dev/null'])
      await seen(client.stdout, /^sized/m)
      client.stdin.write('over\r')
      await seen(client.stdout, /over\r+\n\[over\]/)
      await vi.waitFor(() => expect(client.exitCode).toBe(5), 15_000)
    })

    test.runIf(existsSync('/usr/bin/script'))(
      'run -it --rm is a shell, and gone after it',
      async () => {
        const options = '-it --rm --restart=Never --image=box:1'
        const line = `${kubectlBinary()} run shell ${options} -- sh`
        const client = given.spawn('script', ['-qec', line, '/dev/null'])
        await seen(client.stdout, /command prompt, try pressing enter/)
        // What a program answers before somebody is attached goes to its log alone.
        const entering = setInterval(() => client.stdin.write('\r'), 200)
        await seen(client.stdout, /# /)
        clearInterval(entering)
        client.stdin.write('test -t 0 && echo "<$((6 * 7))>"; exit 0\r')
        await seen(client.stdout, /<42>/)
        client.stdout.resume()
        await vi.waitFor(() => expect(client.exitCode).toBe(0), 30_000)
        expect((await kubectl('get pod shell')).stderr).toContain('"shell" not found')
      },
    )

    test('attach reaches the container’s own input', async () => {
      const client = given.spawn(kubectlBinary(), ['attach', '-i', 'io'])
      const writing = setInterval(() => client.stdin.write('to cat\n'), 200)
      await seen(client.stdout, /^to cat$/m)
      clearInterval(writing)
      client.kill('SIGKILL')
      expect(await given.log('io')).toContain('to cat\n')
    })

    test('port-forward reaches what listens on the pod’s own loopback', async () => {
      const url = await given.forwarded('io', 8081)
      expect(await Promise.all([body(url), body(url)])).toEqual(['here\n', 'here\n'])
    })

    test('cp carries files both ways', async () => {
      const dir = mkdtempSync(join(tmpdir(), 'astern-cp-'))
      const content = randomBytes(300_000)
      writeFileSync(join(dir, 'file'), content)
      expect((await kubectl(`cp ${dir}/file io:/tmp/file`)).stderr).toBe('')
      await kubectl(`cp io:/tmp/file ${dir}/back`)
      expect(readFileSync(join(dir, 'back')).equals(content)).toBe(true)
      rmSync(dir, { recursive: true })
    })
  })

  test('logs: previous, tail, timestamps, and following ends with the container', async () => {
    await given.runPod('logs', sh('echo one; echo two >&2; exit 1'))
    const restarts = async () => (await given.pod('logs')).status?.containerStatuses?.[0]
    await expect.poll(async () => (await restarts())?.restartCount, eventually).toBe(1)
    const previous = await given.kubectl(['logs', '-p', 'logs'])
    expect(previous.stdout.split('\n').sort()).toEqual(['', 'one', 'two'])
    const stamped = await given.kubectl(['logs', '--timestamps', '--tail=1', 'logs'])
    expect(stamped.stdout).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z (one|two)\n$/)
    expect((await restarts())?.lastState?.terminated).toMatchObject({
      exitCode: 1,
      reason: 'Error',
    })
    await given.runPod('speaks', sh('for n in 1 2 3; do echo $n; sleep 0.3; done'), {
      restartPolicy: 'Never',
    })
    await given.ready('speaks')
    expect((await given.kubectl(['logs', '-f', 'speaks'])).stdout).toBe('1\n2\n3\n')
  })

  test('volumes show what they are to show, and Secrets cannot be written', async () => {
    const config = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'c' },
      data: { key: 'v' },
    }
    await given.api.create(configMaps, inDefault, config)
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's' },
      stringData: { key: 'w' },
    }
    await given.api.create(secrets, inDefault, secret)
    const host = mkdtempSync(join(tmpdir(), 'astern-host-'))
    const sources = {
      c: { configMap: { name: 'c' } },
      s: { secret: { secretName: 's' } },
      d: { downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
      e: { emptyDir: {} },
      h: { hostPath: { path: host } },
      t: { projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
    }
    const names = Object.keys(sources)
    const volumes = Object.entries(sources).map(([name, source]) => ({ name, ...source }))
    const volumeMounts = names.map((name) => ({ name, mountPath: `/v/${name}` }))
    const script = `cat /v/c/key /v/s/key /v/d/name; echo; echo 1 >/v/e/f; echo 2 >/v/h/f
      (echo 3 >/v/s/f) 2>/dev/null || echo refused; hostname; cat /etc/hosts
      wc -c </v/t/token; ${waits}`
    await given.runPod('volumes', { ...sh(script), volumeMounts }, { volumes })
    const { status } = await given.ready('volumes')
    await expect.poll(() => given.log('volumes'), eventually).toMatch(/\n\d{3,}\n$/)
    const log = await given.log('volumes')
    expect(log).toMatch(/^vwvolumes\nrefused\nvolumes\n/)
    expect(log).toContain(`${status?.podIP}\tvolumes\n`)
    expect(readFileSync(join(host, 'f'), 'utf8')).toBe('2\n')
    rmSync(host, { recursive: true })
  })

  test('securityContext and limits are held', async () => {
    const securityContext = {
      runAsUser: 1000,
      runAsGroup: 1001,
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    }
    const resources = { limits: { memory: '32Mi', cpu: '500m' } }
    const script = `id -u; id -g; (echo 1 >/f) 2>/dev/null || echo read-only
      grep -E 'NoNewPrivs|CapBnd' /proc/self/status; ${waits}`
    await given.runPod('careful', { ...sh(script), securityContext, resources })
    await given.runPod('mighty', {
      ...sh(`grep CapEff /proc/self/status; ${waits}`),
      securityContext: { privileged: true },
    })
    await given.runPod('rootless', { securityContext: { runAsNonRoot: true } })
    await given.ready('careful')
    await expect
      .poll(() => given.log('careful'), eventually)
      .toBe('1000\n1001\nread-only\nCapBnd:\t0000000000000000\nNoNewPrivs:\t1\n')
    await given.ready('mighty')
    await expect.poll(() => given.log('mighty'), eventually).toMatch(/CapEff:\t[0-9a-f]*[1-9a-f]/)
    await given.waiting(
      'rootless',
      /^CreateContainerConfigError: container has runAsNonRoot and image will run as root/,
    )
    const restartPolicy = 'Never'
    // Twice what it may use goes into the shell's variable.
    const greedy = 'a=$(head -c 60000000 /dev/zero | tr "\\0" x); echo "$a" | wc -c'
    await given.runPod('greedy', { command: ['sh', '-c', greedy], resources }, { restartPolicy })
    expect(await given.ended('greedy')).toMatchObject({ reason: 'OOMKilled', exitCode: 137 })
  })

  test('volumes belong to the fsGroup', async () => {
    const [apiVersion, metadata] = ['v1', { name: 'g' }]
    const config = { apiVersion, kind: 'ConfigMap', metadata, data: { key: 'v' } }
    await given.api.create(configMaps, inDefault, config)
    const volumes = [
      { name: 'e', emptyDir: {} },
      { name: 'c', configMap: { name: 'g', defaultMode: 0o400 } },
    ]
    const volumeMounts = volumes.map(({ name }) => ({ name, mountPath: `/v/${name}` }))
    const script = `touch /v/e/f; stat -c '%g %a' /v/e /v/e/f; cat /v/c/key; echo; ${waits}`
    const securityContext = { runAsUser: 1000, runAsGroup: 1000, fsGroup: 2000 }
    await given.runPod('group', { ...sh(script), volumeMounts }, { volumes, securityContext })
    await given.ready('group')
    await expect.poll(() => given.log('group'), eventually).toBe('2000 2777\n2000 644\nv\n')
  })

  test('probes by TCP and by a command (F-06, F-09)', async () => {
    const tcpSocket = { port: 8080 }
    const exec = { command: ['sh', '-c', 'test -e /tmp/go || { echo not yet; exit 1; }'] }
    const readinessProbe = { exec, periodSeconds: 1 }
    const startupProbe = { tcpSocket, periodSeconds: 1, failureThreshold: 30 }
    const container = { image: 'web:1', readinessProbe, startupProbe }
    await given.runPod('probed', container)
    const unready = 'Unhealthy Readiness probe failed: not yet\n'
    await expect.poll(() => given.eventsOf('probed'), eventually).toContain(unready)
    const [status] = (await given.pod('probed')).status?.containerStatuses ?? []
    expect(status).toMatchObject({ started: true, ready: false })
    await given.kubectl(['exec', 'probed', '--', 'touch', '/tmp/go'])
    await given.ready('probed')
    await given.runPod('closed', { livenessProbe: { tcpSocket, periodSeconds: 1 } })
    const refused = expect.stringMatching(/^Unhealthy Liveness probe failed: dial tcp .*:8080/)
    await expect.poll(() => given.eventsOf('closed'), eventually).toContainEqual(refused)
    const restarts = async () => (await given.pod('closed')).status?.containerStatuses?.[0]
    await expect.poll(async () => (await restarts())?.restartCount, eventually).toBe(1)
  })

  test('a port of the machine that the network cannot give is refused, and told', async () => {
    await given.runPod('port', { ports: [{ containerPort: 80, hostPort: 8099 }] })
    const told =
      /^FailedCreatePodSandBox .*hostPort 8099 cannot be had: containerd's network "ctr\w+" maps no ports; add .*portmap/
    const events = async () => (await given.eventsOf('port')).filter((event) => told.test(event))
    await expect.poll(async () => (await events()).length, eventually).toBeGreaterThan(0)
    expect((await given.pod('port')).status?.phase).toBe('Pending')
    await given.kubectl(['delete', 'pod', 'port', '--now'])
  })

  test('hooks run, and last words are kept', async () => {
    const exec = (script: string) => ({ exec: { command: ['sh', '-c', script] } })
    const lifecycle = {
      postStart: exec('echo started >/tmp/f'),
      preStop: exec('echo stopping >/proc/1/fd/1'),
    }
    const script = `until [ -e /tmp/f ]; do sleep 0.1; done; cat /tmp/f; ${waits}`
    await given.runPod('hooks', { ...sh(script), lifecycle })
    await given.ready('hooks')
    const follower = given.spawn(kubectlBinary(), ['logs', '-f', 'hooks'])
    const followed = once(follower, 'close')
    let told = ''
    follower.stdout.on('data', (chunk) => {
      told += String(chunk)
    })
    // Only who listens by then hears its last words: the log goes with the pod.
    await expect.poll(() => told, eventually).toBe('started\n')
    await given.kubectl(['delete', 'pod', 'hooks'])
    await followed
    expect(told).toBe('started\nstopping\n')
    const restartPolicy = 'Never'
    const words = 'echo -n farewell >/dev/termination-log; exit 4'
    await given.runPod('words', sh(words), { restartPolicy })
    expect(await given.ended('words')).toMatchObject({ exitCode: 4, message: 'farewell' })
  })

  describe('images (F-05)', () => {
    test('what no registry has, and what may not be asked for', async () => {
      await given.runPod('absent', { image: 'absent:1' })
      await given.runPod('never', { image: 'absent:1', imagePullPolicy: 'Never' })
      await given.waiting('never', /^ErrImageNeverPull: Container image "absent:1" is not present/)
      await given.waiting(
        'absent',
        /^ImagePullBackOff: Back-off pulling image "absent:1": ErrImagePull: .*docker.io\/library\/absent:1.*not found/,
      )
      const told = 'BackOff Back-off pulling image "absent:1"'
      await expect.poll(() => given.eventsOf('absent'), eventually).toContain(told)
    })

    test('a tag that has moved is had again by who pulls always, and by nobody else', async () => {
      const push = (word: string) =>
        containerd.registry.push(
          'library/moves:1',
          busyboxImage(sh(`echo ${word}; ${waits}`).command),
        )
      push('old')
      const imageOf = async (name: string, imagePullPolicy: string) => {
        await given.runPod(name, { image: 'moves:1', imagePullPolicy })
        return (await given.ready(name)).status?.containerStatuses?.[0]?.imageID
      }
      const before = await imageOf('before', 'IfNotPresent')
      push('new')
      expect(await imageOf('present', 'IfNotPresent')).toBe(before)
      expect(await imageOf('again', 'Always')).not.toBe(before)
      await expect.poll(() => given.log('again'), eventually).toBe('new\n')
      await expect.poll(() => given.log('present'), eventually).toBe('old\n')
    })

    test('a private registry wants the login of imagePullSecrets', async () => {
      const registry = await GivenRegistry.start()
      registry.push('app:1', busyboxImage(sh(waits).command))
      const image = `${registry.host}/app:1`
      const auths = { [registry.host]: { username: 'me', password: 'secret' } }
      const type = 'kubernetes.io/dockerconfigjson'
      const stringData = { '.dockerconfigjson': JSON.stringify({ auths }) }
      const login = {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'login' },
        type,
        stringData,
      }
      await given.api.create(secrets, inDefault, login)
      await given.runPod('refused', { image })
      await given.waiting('refused', /Back-off.*(401|authorization failed|pull access denied)/i)
      await given.runPod('private', { image }, { imagePullSecrets: [{ name: 'login' }] })
      await given.ready('private')
      registry.stop()
    })
  })

  test('the engine comes back and finds the pods as they were', async () => {
    const before = (await given.pod('io')).status
    await given.engine.restart()
    const after = (await given.ready('io')).status
    expect(after?.podIP).toBe(before?.podIP)
    expect(after?.containerStatuses?.[0]).toEqual(before?.containerStatuses?.[0])
  })

  test('containerd is restarted, and what ended meanwhile is told as it ended', async () => {
    const scripts = { stays: waits, ends: 'until [ -e /tmp/end ]; do sleep 0.1; done; exit 9' }
    for (const [name, script] of Object.entries(scripts)) {
      await given.runPod(name, sh(script), { restartPolicy: 'Never' })
      await given.ready(name)
    }
    const { containerID } = (await given.pod('stays')).status?.containerStatuses?.[0] ?? {}
    const [ends = 0] = await containerd.programs((await given.pod('ends')).metadata.uid ?? '')
    await containerd.end('SIGKILL')
    writeFileSync(`/proc/${ends}/root/tmp/end`, '')
    await expect.poll(() => isRunning(ends), eventually).toBe(false)
    await given.runPod('waits', {})
    await containerd.run()
    expect(await given.ended('ends')).toMatchObject({ exitCode: 9, reason: 'Error' })
    await given.ready('waits')
    const [status] = (await given.ready('stays')).status?.containerStatuses ?? []
    expect(status).toMatchObject({ containerID, restartCount: 0 })
  })

  test('another engine on the same containerd sees and touches nothing of this one', async () => {
    const other = await GivenPods.start(containerd)
    await other.runPod('io', {})
    const before = (await given.pod('io')).status?.containerStatuses
    expect((await other.ready('io')).status?.podIP).not.toBe((await given.pod('io')).status?.podIP)
    await other.stop()
    expect((await given.ready('io')).status?.containerStatuses).toEqual(before)
  })

  test('a deleted pod, and at the end the engine, leave nothing in containerd', async () => {
    const uids = () =>
      containerd.withCri(async (cri) => {
        const { items } = await cri.call('ListPodSandbox', {})
        return (items ?? []).map(({ metadata }) => metadata?.uid)
      })
    const { uid } = (await given.pod('io')).metadata
    expect(await uids()).toContain(uid)
    await given.kubectl(['delete', 'pod', 'io'])
    await expect.poll(uids, eventually).not.toContain(uid)
    const { serviceCidr } = given.engine.engine.settings
    const routes = () => execFileSync('ip', ['route', 'show', 'table', 'local']).toString()
    expect(routes()).toContain(serviceCidr)
    await given.engine.engine.stop({ keepPods: false })
    expect(await uids()).toEqual([])
    expect(routes()).not.toContain(serviceCidr)
  })
}
