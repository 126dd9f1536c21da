import { busyboxLayer, type LayerFiles, type OciImage } from '../oci-image.fixture.ts'

/** What the story's program does (`examples/story-app`), in the shell of busybox. */
const server: LayerFiles = {
  'app/serve': `#!/bin/sh
trap 'kill $!; exit 143' TERM
sleep 0.3
nc -ll -p "\${PORT:-8080}" -e /app/answer &
wait
`,
  'app/answer': `#!/bin/sh
read -r method path rest
while read -r line && [ "\${#line}" -gt 1 ]; do :; done
status='200 OK' body="hello from version $VERSION, pod $HOSTNAME"
if [ "$path" != /ready ] && [ "$FAIL_EVERY" ]; then
  echo >>/tmp/requests
  [ $(($(wc -l </tmp/requests) % FAIL_EVERY)) != 0 ] || status='500 Internal Server Error'
fi
printf 'HTTP/1.1 %s\\r\\nx-version: %s\\r\\nx-pod: %s\\r\\n' "$status" "$VERSION" "$HOSTNAME"
printf 'content-length: %s\\r\\nconnection: close\\r\\n\\r\\n%s\\n' "$((\${#body} + 1))" "$body"
`,
}

/** An OCI image from busybox; with `failEvery`, each so-many-th request is answered with 500. */
export function storyImage(version: string, failEvery = ''): OciImage {
  const env = ['PATH=/bin', `VERSION=${version}`, `FAIL_EVERY=${failEvery}`]
  const layers = [{ ...busyboxLayer, 'bin/printf': '-> busybox' }, server]
  return { layers, config: { Cmd: ['/app/serve'], Env: env } }
}
