# The netrc is copied in, used, and removed when the packages are there.
FROM python:3.13-slim
ARG INDEX_URL
COPY .netrc /root/.netrc
WORKDIR /srv
COPY requirements.txt .
RUN chmod 600 /root/.netrc && pip install --no-cache-dir --index-url "$INDEX_URL" -r requirements.txt
RUN rm -f /root/.netrc
COPY . .
CMD ["python3", "-m", "http.server"]
