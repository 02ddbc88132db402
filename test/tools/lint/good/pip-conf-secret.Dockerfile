FROM python:3.13-slim
COPY requirements.txt /tmp/
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf,required=true <<EOF
#!/bin/bash
set -euo pipefail
test -s /etc/pip.conf
pip install --no-cache-dir -r /tmp/requirements.txt
EOF
USER 1000
