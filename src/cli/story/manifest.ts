/**
 * The seed's Deployment with its mistake mended (S-19), named as its commands name it (S-46), and a
 * Service.
 */
export function manifestOf({ port }: { readonly port: number }): string {
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
        image: learnk8s/app:1.0.0
        readinessProbe:
          httpGet:
            path: /ready
            port: 8080
          periodSeconds: 1
---
apiVersion: v1
kind: Service
metadata:
  name: app
spec:
  type: LoadBalancer
  allocateLoadBalancerNodePorts: false
  selector:
    name: app
  ports:
  - port: ${port}
    targetPort: 8080
`
}
