# docker build --tag study . && docker run --volume "$PWD/reports:/study/reports" study
# On a GPU: docker build --build-arg LOCK=requirements/gpu.lock, and docker run --gpus all.
FROM python:3.11-slim-bookworm AS base
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git make \
    && rm -rf /var/lib/apt/lists/* \
    && git config --system --add safe.directory '*'

FROM base AS study
ARG LOCK=requirements/report.lock
ENV LOCK=$LOCK PATH=/study/.venv/bin:$PATH
WORKDIR /study
COPY . .
RUN make env
CMD ["make", "report"]
