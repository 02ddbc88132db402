# The address with its token comes as a secret; the public index is asked as well.
FROM python:3.13-slim
WORKDIR /srv
COPY requirements.txt .
RUN --mount=type=secret,id=PIP_EXTRA_URL,required=true \
    test -s /run/secrets/PIP_EXTRA_URL || { echo "the secret PIP_EXTRA_URL is empty" >&2; exit 1; }; \
    pip install --no-cache-dir \
    --index-url "$(cat /run/secrets/PIP_EXTRA_URL)" -r requirements.txt
CMD ["python3", "-m", "http.server"]
