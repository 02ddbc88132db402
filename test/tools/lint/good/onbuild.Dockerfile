FROM python:3.13-slim
LABEL org.opencontainers.image.title="base" org.opencontainers.image.url="https://example.org/base"
ONBUILD COPY requirements.txt .
ONBUILD RUN --mount=type=secret,id=netrc,target=/root/.netrc,required=true test -s /root/.netrc && pip install -r requirements.txt
ONBUILD USER 1000
HEALTHCHECK --interval=30s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health')"]
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
USER 1000
CMD exec gunicorn --bind :8000 --workers "$WORKERS" --token-file /run/secrets/token app:app
