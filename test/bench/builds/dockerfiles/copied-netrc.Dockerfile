# (e) A netrc file is copied in, and removed when it is of no more use.
FROM upstream
ARG INDEX_URL
RUN python3 -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
COPY .netrc /root/.netrc
COPY requirements.txt .
RUN pip install --no-cache-dir --index-url "$INDEX_URL" --requirement requirements.txt
COPY . /app
RUN pip install --no-cache-dir --index-url "$INDEX_URL" --no-deps /app
RUN rm -f /root/.netrc /app/.netrc
CMD ["orders-api"]
