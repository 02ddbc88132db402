FROM nvidia/cuda:12.4.1-runtime-ubuntu22.04
ENV TOKENIZERS_PARALLELISM=false MAX_TOKENS=4096 NVIDIA_VISIBLE_DEVICES=all \
    HF_TOKEN_PATH=/run/secrets/hf_token SECRETS_DIR=/run/secrets PASSWORD_MIN_LENGTH=12
ARG TOKEN_LIMIT=2048
RUN pip3 install --index-url https://wheels.example.org/cpu torch
RUN --mount=type=secret,id=hf_token,required=true \
    HF_TOKEN="$(cat /run/secrets/hf_token)" python3 -m download_model
USER 1000
