# The netrc is copied in, used, and removed when the packages are there.
FROM python:3.13-slim
ARG INDEX_URL
WORKDIR /srv
COPY requirements.txt .
RUN --mount=type=secret,id=netrc,target=/root/.netrc,required=true \
    test -s /root/.netrc || { echo "the secret netrc is empty" >&2; exit 1; }; \
    pip install --no-cache-dir --index-url "$INDEX_URL" -r requirements.txt
COPY . .
CMD ["python3", "-m", "http.server"]
