const app = (image: string, name = 'app') => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  labels: {app: ${name}}
spec:
  replicas: 3
  selector:
    matchLabels: {app: ${name}}
  template:
    metadata:
      labels: {app: ${name}}
    spec:
      containers:
      - name: app
        image: ${image}
        ports:
        - containerPort: 8080
`

const configMap = `---
apiVersion: v1
kind: ConfigMap
metadata: {name: cm}
data:
  a: "1"
  b: "x: y"
  c: "multi\\nline\\n"
  d: ""
  e: " lead"
  f: "true"
  g: "<a&b>"
  h: "2026-01-01"
  i: "- x"
  j: "it's"
  k: "no end\\nof line"
  l: " lead\\nline\\n"
  m: "tab\\tinside"
  n: "1e3"
  o: "0x1F"
  p: "12:30"
  q: "#x"
  r: "a #x"
  s: "a: b\\n\\n"
  t: "\\u00e9\\u0001"
  u: "trail \\nline"
  v: "[x]"
  w: "x:"
  x: "yes"
  z: "~"
  "1": "key"
  "on": "key"
`

/** A set as its revision 2 has it. */
function setOf(kind: 'StatefulSet' | 'DaemonSet', name: string): string {
  return `apiVersion: apps/v1
kind: ${kind}
metadata: {name: ${name}, labels: {app: sets}}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      containers:
      - {name: app, image: "learnk8s/app:2"}
`
}

interface Rich {
  readonly strategy: string
  readonly containers: string
  readonly volumes: string
  readonly more: string
}

/** A Deployment of which every part changes: lists by key, atomic lists, retained keys. */
const rich = (version: string, parts: Rich) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: rich
  labels: {app: rich, version: ${version}, only-${version}: "on"}
spec:
  ${parts.more}
  strategy: ${parts.strategy}
  selector:
    matchLabels: {app: rich}
  template:
    metadata:
      creationTimestamp: null
      labels: {app: rich}
    spec:
      containers: ${parts.containers}
      volumes: ${parts.volumes}
status: {}
`

/** The files of the stories. */
export const manifests: Readonly<Record<string, string>> = {
  'app.yaml': `${app('learnk8s/app:1')}${configMap}`,
  'app2.yaml': `${app('learnk8s/app:2')}${configMap}`,
  'only-app.yaml': app('learnk8s/app:1'),
  'other-selector.yaml': app('learnk8s/app:1').replace(
    'matchLabels: {app: app}',
    'matchLabels: {app: b}',
  ),
  'broken.yaml': 'a: b\n  c: d\n - e\n',
  'tab.yaml': 'a:\n\t- b\n',
  'second.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: first}\n---\na: b\n  c: d\n',
  'nokind.yaml': 'a: b\n',
  'text.yaml': 'just text',
  'seq.yaml': '- a\n- b\n',
  'empty.yaml': '',
  'invalid.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: x}
spec:
  selector: {matchLabels: {a: b}}
  template:
    metadata: {labels: {a: c}}
    spec: {containers: [{name: a, image: b}, {name: a}]}
`,
  'invalid-one.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: x}
spec:
  selector: {matchLabels: {a: b}}
  template:
    metadata: {name: a, labels: }
    spec: {containers: [{name: a, image: b}]}
`,
  'strict.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: strict}\nfoo: 1\n',
  'duplicate.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: dup}\ndata: {a: u, a: v}\n',
  'other-namespace.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ns, namespace: other}\n',
  'no-name.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n',
  'generated.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: gen-}\n',
  'flow.yaml': 'a: [1,\nb: 2\n',
  'quote.yaml': 'a: "x\nb: 2\n',
  'rich.yaml': rich('v1', {
    strategy: '{type: RollingUpdate, rollingUpdate: {maxSurge: 1}}',
    containers:
      '[{name: a, image: a, env: [{name: X, value: x}, {name: Y, value: yy}], args: [p, q]}, {name: b, image: b}]',
    volumes: '[{name: v, emptyDir: {}}, {name: w, emptyDir: {}}]',
    more: 'revisionHistoryLimit: 3',
  }),
  'rich-changed.yaml': rich('v2', {
    strategy: '{type: Recreate}',
    containers:
      '[{name: c, image: c}, {name: a, image: a2, env: [{name: Y, value: yy}, {name: Z, value: z}], args: [p]}]',
    volumes: '[{name: v, configMap: {name: cm}}]',
    more: 'minReadySeconds: 2',
  }),
  'sets.yaml': `${setOf('StatefulSet', 'one')}---\n${setOf('DaemonSet', 'two')}`,
  'pod.yaml': `apiVersion: v1
kind: Pod
metadata: {name: p, labels: {app: p}}
spec: {containers: [{name: a, image: one}, {name: b, image: two}]}
`,
}

/**
 * Two ControllerRevisions that a set of `sets.yaml` controls, as its controller writes them: 1 with
 * another image, 2 as it lives.
 */
export function controllerRevisionsOf(set: string): string {
  const { apiVersion, kind, metadata, spec } = JSON.parse(set)
  const { name, uid, namespace } = metadata
  const ownerReferences = [{ apiVersion, kind, name, uid, controller: true }]
  const revisions = [1, 2].map((revision) => {
    const [container] = spec.template.spec.containers
    const containers = [{ ...container, image: `learnk8s/app:${revision}` }]
    const template = { ...spec.template, spec: { ...spec.template.spec, containers } }
    const annotations = revision === 2 ? { 'kubernetes.io/change-cause': 'because' } : {}
    const labels = { app: name }
    return {
      apiVersion,
      kind: 'ControllerRevision',
      metadata: { name: `${name}-${revision}`, namespace, labels, annotations, ownerReferences },
      data: { spec: { template: { $patch: 'replace', ...template } } },
      revision,
    }
  })
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: revisions })
}

/** Two ReplicaSets that the Deployment `app` with this uid owns, revisions 1 and 2. */
export function replicaSetsOf(uid: string): string {
  return [1, 2].map((revision) => replicaSet(revision, uid)).join('---\n')
}

const replicaSet = (revision: number, uid: string) => `apiVersion: apps/v1
kind: ReplicaSet
metadata:
  name: app-${revision}
  labels: {app: app, pod-template-hash: h${revision}}
  annotations:
    deployment.kubernetes.io/revision: "${revision}"
    ${revision === 2 ? 'kubernetes.io/change-cause: because' : 'a: b'}
  ownerReferences:
  - {apiVersion: apps/v1, kind: Deployment, name: app, uid: ${uid}, controller: true}
spec:
  selector: {matchLabels: {app: app, pod-template-hash: h${revision}}}
  template:
    metadata: {labels: {app: app, pod-template-hash: h${revision}}}
    spec:
      serviceAccountName: default
      nodeSelector: {a: b, c: d}
      tolerations:
      - {key: k, operator: Exists, effect: NoExecute, tolerationSeconds: 5}
      - {operator: Exists}
      priorityClassName: ""
      volumes:
      - {name: v, emptyDir: {}}
      - {name: cfg, configMap: {name: cm}}
      - {name: sec, secret: {secretName: s, optional: true}}
      - {name: host, hostPath: {path: /tmp}}
      initContainers: [{name: init, image: busybox, command: [sh, -c, "a\\nb"]}]
      containers:
      - name: app
        image: learnk8s/app:${revision}
        command: [sh, -c, "sleep 1"]
        args: ["x"]
        env:
        - {name: A, value: b}
        - {name: M, value: "a\\nb"}
        - {name: F, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
        - {name: C, valueFrom: {configMapKeyRef: {name: cm, key: a}}}
        - {name: S, valueFrom: {secretKeyRef: {name: s, key: a, optional: true}}}
        envFrom: [{configMapRef: {name: cm}}, {prefix: P_, secretRef: {name: s}}]
        resources: {limits: {cpu: 100m, memory: 1Gi}, requests: {cpu: 50m}}
        readinessProbe: {httpGet: {path: /, port: 8080}}
        livenessProbe: {exec: {command: [a, b]}}
        startupProbe: {tcpSocket: {port: 80}}
        volumeMounts:
        - {name: v, mountPath: /v}
        - {name: cfg, mountPath: /c, readOnly: true, subPath: s}
        ports: [{containerPort: 8080, name: http}, {containerPort: 90}]
      - {name: plain, image: plain:1}
`
