export interface ManifestOptions {
  readonly image: string
  /** Of the Service. */
  readonly port: number
  /**
   * Fields of the Service's spec and of the container, each a line or more, without indentation.
   */
  readonly service?: readonly string[]
  readonly container?: readonly string[]
}

/**
 * The seed's Deployment with its mistake mended (S-19), named as its commands name it (S-46), and a
 * Service.
 */
export function manifestOf({ image, port, service = [], container = [] }: ManifestOptions): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: app
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
        image: ${image}
        readinessProbe:
          httpGet:
            path: /ready
            port: 8080
          periodSeconds: 1
${indented(container, 8)}---
apiVersion: v1
kind: Service
metadata:
  name: app
spec:
${indented(service, 2)}  selector:
    name: app
  ports:
  - port: ${port}
    targetPort: 8080
`
}

function indented(lines: readonly string[], spaces: number): string {
  return lines.map((line) => `${' '.repeat(spaces)}${line}\n`).join('')
}
