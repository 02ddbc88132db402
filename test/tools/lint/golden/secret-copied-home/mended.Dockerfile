# The netrc is a secret, and is put where pip looks for it.
FROM python:3.13-slim
ARG INDEX_URL
RUN useradd --uid 1000 --create-home worker
USER worker
WORKDIR /home/worker
COPY --chown=1000 requirements.txt .
RUN --mount=type=secret,id=netrc,uid=1000,required=true \
    test -s /run/secrets/netrc || { echo "the secret netrc is empty" >&2; exit 1; }; \
    export NETRC=/run/secrets/netrc && \
    python3 -m venv venv && \
    venv/bin/pip install --no-cache-dir --index-url "$INDEX_URL" -r requirements.txt
CMD ["venv/bin/python", "-m", "http.server"]
