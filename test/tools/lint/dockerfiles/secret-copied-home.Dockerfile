# The netrc is a secret, and is put where pip looks for it.
FROM python:3.13-slim
ARG INDEX_URL
RUN useradd --uid 1000 --create-home worker
USER worker
WORKDIR /home/worker
COPY --chown=1000 requirements.txt .
RUN --mount=type=secret,id=netrc,uid=1000 \
    cp /run/secrets/netrc ~/.netrc && \
    python3 -m venv venv && \
    venv/bin/pip install --no-cache-dir --index-url "$INDEX_URL" -r requirements.txt && \
    rm ~/.netrc
CMD ["venv/bin/python", "-m", "http.server"]
