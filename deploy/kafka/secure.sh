#!/usr/bin/env bash
# Prepares a SASL_SSL listener for kafka.sh, which is started afterwards with the same KAFKA_DIR:
#
#   KAFKA_DIR=build/kafka secure.sh && KAFKA_DIR=build/kafka kafka.sh start
#
# Makes an authority (ca.pem), a certificate for localhost and 127.0.0.1, and secure.properties. Users, by SASL/PLAIN:
# `eng5` (password `eng5-test-secret`), who may do everything, and `guest` (`guest-test-secret`), who may do what an ACL
# says. The plain listener stays as it is: who comes that way may do everything.
set -eu
dir=$(realpath -m "${KAFKA_DIR:-build/kafka}")
command -v openssl > /dev/null || { printf 'openssl is not there\n  → install it\n' >&2; exit 4; }
mkdir -p "$dir"
cd "$dir"
exec 2> openssl.log
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -keyout ca.key -out ca.pem -subj "/CN=eng5 test authority"
openssl req -newkey rsa:2048 -nodes -keyout node.key -out node.csr -subj "/CN=localhost"
openssl x509 -req -in node.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -out node.pem \
    -extfile <(echo "subjectAltName=DNS:localhost,IP:127.0.0.1")
cat node.key node.pem ca.pem > keystore.pem
chmod 600 ca.key node.key keystore.pem
plain='org.apache.kafka.common.security.plain.PlainLoginModule required'
cat > secure.properties <<END
sasl.enabled.mechanisms=PLAIN
listener.name.sasl_ssl.plain.sasl.jaas.config=$plain user_eng5="eng5-test-secret" user_guest="guest-test-secret";
ssl.keystore.type=PEM
ssl.keystore.location=$dir/keystore.pem
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS;User:eng5
END
echo "$dir/ca.pem"
