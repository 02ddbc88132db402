# syntax=docker/dockerfile:1
# A here-document with the whole install, its secret as a variable, and every command traced.
FROM python:3.13-slim
COPY requirements.txt /srv/
RUN --mount=type=secret,id=feed,env=FEED_URL,required=true <<EOF
test -n "$FEED_URL" || { echo "the secret feed is empty" >&2; exit 1; }
set -eu
pip install --no-cache-dir --index-url "$FEED_URL" -r /srv/requirements.txt
EOF
USER 10001
