# (a) One stage; the index with its token comes as a build argument.
FROM upstream
ARG PIP_INDEX_URL
RUN python3 -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
COPY requirements.txt .
RUN pip install --no-cache-dir --requirement requirements.txt
COPY . /app
RUN pip install --no-cache-dir --no-deps /app
CMD ["orders-api"]
