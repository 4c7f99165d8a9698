cd /tmp/rb
K=/tmp/ci12/target/e2e/kubernetes-v1.35.4/kubectl
HOME=/tmp/rb $K -n shop create secret tls n --cert=leaf.crt --key=inter.key --dry-run=client -o yaml 2>&1 | head -3
HOME=/tmp/rb $K -n shop create secret tls n --cert=chain.crt --key=leaf.key --dry-run=client -o yaml | grep -c 'tls.crt'
HOME=/tmp/rb $K -n shop create configmap custom-ca --from-file=ca-bundle.crt=leaf.crt --dry-run=client -o yaml | head -3
HOME=/tmp/rb $K create -f pods.yaml --dry-run=client --validate=false -o jsonpath='{.kind}/{.metadata.name}: {..secretName} {..secret.name} {..secretKeyRef.name}{"\n"}' 2>&1 | head
