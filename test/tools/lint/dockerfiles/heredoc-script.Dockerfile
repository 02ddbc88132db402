# syntax=docker/dockerfile:1.7
# A here-document with the whole install, its secret as a variable, and every command traced.
FROM python:3.13-slim
COPY requirements.txt /srv/
RUN --mount=type=secret,id=feed,env=FEED_URL <<EOF
set -eux
pip install --no-cache-dir --extra-index-url "$FEED_URL" -r /srv/requirements.txt
EOF
USER 10001
