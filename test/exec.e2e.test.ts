import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { GivenPod, type KubectlVersion, seen } from './exec.fixture.ts'
import { kubectlBinary } from './kubectl-binary.ts'
import { isRunning } from './process-runtime/marked-processes.ts'

let given: GivenPod
beforeAll(async () => {
  given = await GivenPod.start()
})
afterAll(() => given.stop())

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const large = 'x'.repeat(10_000_000)

describe.each<KubectlVersion>(['36', '33'])('kubectl 1.%s', (version) => {
  const kubectl = (command: string, stdin?: string) => given.run(version, command.split(' '), stdin)
  const shell = (script: string, ...options: readonly string[]) =>
    given.run(version, ['exec', ...options, 'app', '-c', 'app', '--', 'sh', '-c', script])

  describe('exec (H-18)', () => {
    test('passes on the exit code, and keeps stdout and stderr apart', async () => {
      expect(await shell('echo out; echo err >&2; exit 7')).toEqual({
        code: 7,
        stdout: 'out\n',
        stderr: 'err\ncommand terminated with exit code 7\n',
      })
    })

    test('runs with the environment and the directory of the container', async () => {
      const { stdout } = await shell('echo $GREETING; ls')
      expect(stdout).toBe('hello\nserver.js\n')
    })

    test('a signal is an exit code, too', async () => {
      expect((await shell('kill -TERM $$')).code).toBe(143)
    })

    test('10 MB come out whole', async () => {
      const { stdout } = await shell("head -c 10000000 /dev/zero | tr '\\0' x")
      expect([stdout.length, sha256(stdout)]).toEqual([large.length, sha256(large)])
    })

    test('10 MB go in whole, and stdin ends', async () => {
      const { stdout } = await kubectl('exec -i app -c app -- sha256sum', large)
      expect(stdout).toBe(`${sha256(large)}  -\n`)
    })

    test('10 MB go through', async () => {
      const { stdout } = await kubectl('exec -i app -c app -- cat', large)
      expect([stdout.length, sha256(stdout)]).toEqual([large.length, sha256(large)])
    })

    test('the end of the command does not wait for input that it does not want', async () => {
      const { code } = await kubectl('exec -i app -c app -- sh -c true', large)
      expect(code).toBe(0)
    })

    test('the first container is meant where several are', async () => {
      const { stdout, stderr } = await kubectl('exec app -- echo ok')
      expect([stdout, stderr]).toEqual(['ok\n', 'Defaulted container "app" out of: app, side\n'])
    })

    test.each([
      ['app -c no -- true', /container no is not valid for pod app/],
      ['no -- true', /pods "no" not found/],
      ['app -c side -- /no/such', /exec: "\/no\/such": no such file or directory/],
    ])('%s is refused', async (what, text) => {
      const { code, stderr } = await kubectl(`exec ${what}`)
      expect([code, stderr]).toEqual([1, expect.stringMatching(text)])
    })

    test('what goes on after the command belongs to the container, and holds nobody up', async () => {
      const { code, stdout } = await shell('sleep 600 & echo $!')
      expect(code).toBe(0)
      expect(isRunning(Number(stdout))).toBe(true)
      process.kill(Number(stdout))
    })
  })

  describe('a client that is killed leaves nothing behind', () => {
    test('of a command with children', async () => {
      const script = 'setsid sleep 601 & echo $!; sleep 602 & echo $! end; wait'
      const client = given.spawn(version, ['exec', 'app', '-c', 'app', '--', 'sh', '-c', script])
      const text = await seen(client.stdout, /^\d+\n\d+ end/)
      client.kill('SIGKILL')
      const pids = (text.match(/\d+/g) ?? []).map(Number)
      expect(pids).toHaveLength(2)
      await vi.waitFor(() => expect(pids.filter(isRunning)).toEqual([]), 5_000)
    })

    test('of a command that does not take its input', async () => {
      const command = ['sh', '-c', 'echo $$; exec sleep 603']
      const args = ['exec', '-i', 'app', '-c', 'app', '--', ...command]
      const client = given.spawn(version, args)
      client.stdin.on('error', () => {}).write(large)
      const pid = Number(await seen(client.stdout, /(\d+)\n/))
      client.kill('SIGKILL')
      await vi.waitFor(() => expect(isRunning(pid)).toBe(false), 15_000)
    })
  })

  test.runIf(existsSync('/usr/bin/script'))('exec -it has a terminal', async () => {
    // On a slow machine the size may come after the command has begun.
    const sized = 'until [ "$(stty size)" = "33 99" ]; do sleep 0.1; done'
    const command = `'${sized}; tty; read word; echo "[$word]"; exit 5'`
    const line = `stty rows 33 cols 99; ${kubectlBinary(version)} exec -it app -c app -- sh -c ${command}`
    const client = given.start('script', ['-qec', line, '/dev/null'])
    await seen(client.stdout, /^\/dev\/pts/m)
    client.stdin.write('over\r')
    await seen(client.stdout, /over\r+\n\[over\]/)
    await vi.waitFor(() => expect(client.exitCode).toBe(5), 15_000)
  })

  test('attach shows what is printed from now on; input is refused', async () => {
    await shell('curl -s 127.0.0.1:$PORT/before')
    const client = given.spawn(version, ['attach', 'app', '-c', 'app'])
    const [out, err] = [seen(client.stdout, /^\/now.*\n/m), seen(client.stderr, /^\/NOW.*\n/m)]
    // It is attached at some time after it has been started.
    const asking = setInterval(() => void shell('curl -s 127.0.0.1:$PORT/now'), 500)
    expect(await Promise.all([out, err])).toEqual(['/now\n', '/NOW\n'])
    clearInterval(asking)
    client.kill()
    const { code, stderr } = await kubectl('attach -i app -c app')
    expect([code, stderr]).toEqual([1, expect.stringContaining('without standard input')])
  })

  describe('stdin: true', () => {
    const runOnce = (name: string, ...command: readonly string[]) => {
      const options = ['-i', '--quiet', '--rm', '--restart=Never', '--image=echo:1']
      return ['run', `${name}-${version}`, ...options, '--', ...command]
    }

    test('run -i: all of the input reaches the program, and so does its end', async () => {
      const { code, stdout } = await given.run(version, runOnce('cat', 'sha256sum'), large)
      expect([code, stdout]).toEqual([0, `${sha256(large)}  -\n`])
    })

    test('run -i ends with the exit code of the program', async () => {
      const { code, stdout } = await given.run(version, runOnce('sh', 'sh'), 'echo hi; exit 3\n')
      expect([code, stdout]).toEqual([3, 'hi\n'])
    })

    test('attach -i comes and goes; the program goes on', async () => {
      const name = `kept-${version}`
      const script = 'while read -r line; do echo "[$line]"; done'
      const container = { name, image: 'echo:1', stdin: true, command: ['sh', '-c', script] }
      await given.runPod(name, container)
      for (const word of ['one', 'two']) {
        const client = given.spawn(version, ['attach', '-i', name])
        client.stdin.write(`${word}\n`)
        expect(await seen(client.stdout, /\[\w+\]\n/)).toBe(`[${word}]\n`)
        client.kill()
      }
      const { stdout } = await kubectl(`get pod ${name} -o jsonpath={..restartCount}{..ready}`)
      expect(stdout).toBe('0true')
    })
  })

  test.runIf(existsSync('/usr/bin/script'))(
    'attach -it is the container’s own terminal',
    async () => {
      const name = `tty-${version}`
      const own = { name, image: 'echo:1', stdin: true, tty: true, command: ['sh'] }
      const volumeMounts = [{ name: 'scratch', mountPath: '/astern-test/scratch' }]
      // With a file tree of its own, and without.
      const isConfined = version === '36'
      await given.runPod(name, { ...own, ...(isConfined && { volumeMounts }) }, [
        { name: 'scratch', emptyDir: {} },
      ])
      const line = `stty rows 33 cols 99; ${kubectlBinary(version)} attach -it ${name}`
      const client = given.start('script', ['-qec', line, '/dev/null'])
      await seen(client.stdout, /command prompt/)
      client.stdin.write('until [ "$(stty size)" = "33 99" ]; do sleep 0.1; done; tty; sleep 604\r')
      await seen(client.stdout, /^\/dev\/pts/m)
      // Ctrl-C ends what runs in front, not the shell. One that comes while the shell is about to
      // bring a command to the front reaches nothing, on any terminal: so it is pressed again.
      const interrupt = () => client.stdin.write('\u0003echo "<$((6 * 7))>"; exit 5\r')
      interrupt()
      const pressing = setInterval(interrupt, 2_000)
      await seen(client.stdout, /<42>/).finally(() => clearInterval(pressing))
      await vi.waitFor(() => expect(client.exitCode).not.toBeNull(), 15_000)
      const { stdout } = await kubectl(`get pod ${name} -o jsonpath={..terminated.exitCode}`)
      expect(stdout).toBe('5')
    },
  )

  describe('port-forward', () => {
    test('carries many connections, large ones and closed ones', async () => {
      const client = given.spawn(version, ['port-forward', 'pod/app', ':8080'])
      const port = await seen(client.stdout, /127\.0\.0\.1:(\d+)/)
      client.stdout.resume()
      const url = `http://127.0.0.1:${port}`
      const headers = { connection: 'close' }
      const paths = Array.from({ length: 30 }, (_, index) => `/${index}`)
      const answers = paths.map(async (p) => (await fetch(url + p, { headers })).text())
      expect(await Promise.all(answers)).toEqual(paths)
      const echoed = await fetch(url, { method: 'POST', body: large, headers })
      expect(sha256(await echoed.text())).toBe(sha256(large))
      expect(client.exitCode).toBeNull()
      client.kill()
    })

    test('says when nobody listens', async () => {
      const client = given.spawn(version, ['port-forward', 'pod/app', ':8081'])
      const port = await seen(client.stdout, /127\.0\.0\.1:(\d+)/)
      client.stdout.resume()
      const said = seen(client.stderr, /error forwarding port 8081 to pod app.*ECONNREFUSED/)
      await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow()
      await said
      client.kill()
    })
  })

  test('cp carries files both ways', async () => {
    const content = randomBytes(3_000_000)
    const from = join(given.dir, `from-${version}`)
    mkdirSync(from)
    writeFileSync(join(from, 'file'), content)
    const there = join(given.dir, `there-${version}`)
    const back = `back-${version}`
    expect((await kubectl(`cp from-${version} app:${there} -c app`)).code).toBe(0)
    expect(readFileSync(join(there, 'file')).equals(content)).toBe(true)
    expect((await kubectl(`cp app:${there} ${back} -c app`)).code).toBe(0)
    expect(readFileSync(join(given.dir, back, 'file')).equals(content)).toBe(true)
  })

  test('who knows only SPDY is told what to do', async () => {
    given.env.KUBECTL_REMOTE_COMMAND_WEBSOCKETS = 'false'
    const { code, stderr } = await kubectl('exec app -c app -- true')
    delete given.env.KUBECTL_REMOTE_COMMAND_WEBSOCKETS
    expect([code, stderr]).toEqual([1, expect.stringContaining('use kubectl 1.31 or later')])
  })
})
