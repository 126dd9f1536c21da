/** S-17: the first manifest, `replicaset.yaml`. */
export const replicaSet = `apiVersion: apps/v1
kind: ReplicaSet
metadata:
  name: example-replicaset
spec:
  replicas: 3
  selector:
    matchLabels:
      name: app
  template:
    metadata:
      labels:
        name: app
    spec:
      containers:
      - name: app
        image: learnk8s/app:1.0.0
`

/** S-19: the second, with the mistake that it has there: `name: app` stands beside `labels:`. */
export const misindentedDeployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: example-deployment
spec:
  replicas: 3
  selector:
    matchLabels:
      name: app
  template:
    metadata:
      labels:
      name: app
    spec:
      containers:
      - name: app
        image: learnk8s/app:1.0.0
`

/** S-19: the same without the mistake. */
export const deployment = misindentedDeployment.replace(
  '      labels:\n      name: app\n',
  '      labels:\n        name: app\n',
)

/** S-24: the third, which keeps no history. */
export const deploymentWithoutHistory = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: example-deployment
spec:
  replicas: 3
  revisionHistoryLimit: 0
  selector:
    matchLabels:
      name: app
  template:
    metadata:
      labels:
        name: app
    spec:
      containers:
      - name: app
        image: learnk8s/app:1.0.0
`

/** S-2D: the fourth, a ReplicaSet with a revision. */
export const replicaSetOfRevision3 = `apiVersion: apps/v1
kind: ReplicaSet
metadata:
  name: example-replicaset
  annotations:
    deployment.kubernetes.io/revision: "3"
spec:
  replicas: 3
  selector:
    matchLabels:
      name: app
  template:
    metadata:
      labels:
        name: app
    spec:
      containers:
      - name: app
        image: learnk8s/app:1.0.0
`

/** S-37: the fifth, whose annotation stands where none can be. */
export const deploymentWithMisplacedCause = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: example-deployment
  kubernetes.io/change-cause: kubectl create --filename=deployment.yaml
spec:
  replicas: 3
  selector:
    matchLabels:
      name: app
  template:
    metadata:
      labels:
        name: app
    spec:
      containers:
      - name: app
        image: learnk8s/app:1.0.0
`

/** S-46: the commands of the article speak of a Deployment `app`; `tag` is that of its image. */
export function appDeployment(tag = '1.0.0', more: Readonly<Record<string, unknown>> = {}): string {
  const lines = Object.entries(more).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}\n`)
  return deployment
    .replace('example-deployment', 'app')
    .replace('1.0.0', tag)
    .replace('spec:\n', `spec:\n${lines.join('')}`)
    .replace(/ {2}replicas: 3\n/, 'replicas' in more ? '' : '  replicas: 3\n')
}
