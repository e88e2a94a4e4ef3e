"""The containers of the default scenario: two Compose projects and single ones, for each condition dockpit can show."""

from __future__ import annotations

from typing import Any

from dockpit.simulate import workloads
from dockpit.simulate.scenario_spec import GIB, MIB, ContainerSpec, HealthCheck, LogSpec

HOUR = 3600.0
DAY = 24 * HOUR
ESCAPE = "\x1b"

HOSTILE_LINES = (
    "plain line {n}",
    "markup [/] [red]not red[/red] [bold unclosed {n}",
    f"{ESCAPE}[31mred{ESCAPE}[0m {ESCAPE}[2J{ESCAPE}[H cleared? {ESCAPE}]0;title\x07 bell\x07 {{n}}",
    "日本語のログ行 {n} ・ 容器は元気です 🐳🔥 e\u0301 \u202eright-to-left\u202c",
    "long " + "x" * 4_000 + " {n}",
    "tabs\tand\rcarriage returns\x00and nulls {n}",
    '{{"level":"error","msg":"[/] [link=https://example.org]click[/link]","n":{n}}}',
)


def run_options(*, cpus: float = 0, memory: int = 0, pids: int = 0, restart: str = "no", **more: Any) -> dict[str, Any]:
    """HostConfig keys for the options of `docker run`: `cpus` in cores, `memory` in bytes."""
    host_config: dict[str, Any] = {"RestartPolicy": {"Name": restart, "MaximumRetryCount": 0}, **more}
    if cpus:
        host_config["NanoCpus"] = round(cpus * 1e9)
    if memory:
        host_config["Memory"] = host_config["MemorySwap"] = memory
    if pids:
        host_config["PidsLimit"] = pids
    return host_config


def compose_labels(project: str, service: str, number: int = 1) -> dict[str, str]:
    """The labels that Compose puts on a container."""
    return {
        "com.docker.compose.project": project,
        "com.docker.compose.service": service,
        "com.docker.compose.container-number": str(number),
        "com.docker.compose.oneoff": "False",
        "com.docker.compose.project.working_dir": f"/srv/{project}",
        "com.docker.compose.version": "2.27.0",
    }


WEB = ContainerSpec(
    name="shop-web-1",
    image="registry.example.org/shop/web:3.14.2",
    command=("gunicorn", "--workers", "4", "--bind", "0.0.0.0:8080", "shop.wsgi"),
    workload=workloads.service(0.46, 41 * MIB, threads=4, rx_bytes_per_s=380_000, pids=13),
    host_config=run_options(cpus=0.2, memory=512 * MIB, restart="unless-stopped"),
    labels=compose_labels("shop", "web"),
    age_seconds=3 * HOUR,
    network="shop_default",
    ports=((8080, 8080),),
    logs=LogSpec(
        (
            '10.0.0.{m} - - "GET /product/{n} HTTP/1.1" 200 {k}',
            '10.0.0.{m} - - "GET /cart HTTP/1.1" 200 512',
            "[WARNING] worker timeout, request {n} took {k} ms",
        ),
        3.0,
        0.3,
    ),
    processes=("gunicorn: worker 1", "gunicorn: worker 2", "gunicorn: worker 3", "gunicorn: worker 4"),
)
"""Throttled: wants 0.46 cores and may use 0.2."""

WORKER = ContainerSpec(
    name="shop-worker-1",
    image="registry.example.org/shop/worker:3.14.2",
    command=("python", "-m", "shop.worker", "--queue", "mail,invoice"),
    workload=workloads.leak(80 * MIB, 1.9 * MIB, cpu_cores=0.35),
    host_config=run_options(cpus=1.0, memory=512 * MIB, restart="unless-stopped"),
    labels=compose_labels("shop", "worker"),
    age_seconds=180.0,
    restart_count=31,
    restart_delay_seconds=1.0,
    network="shop_default",
    logs=LogSpec(("job {n} done in {k} ms", "job {n} fetched, cache holds {k} entries"), 1.0),
)
"""Leaks up to its memory limit, is OOM-killed and restarted, about every four minutes."""

DB = ContainerSpec(
    name="shop-db-1",
    image="postgres:16.3",
    command=("postgres", "-c", "shared_buffers=128MB"),
    workload=workloads.database(148 * MIB, 6 * GIB, cpu_cores=0.14),
    host_config=run_options(cpus=2.0, memory=1536 * MIB, pids=200, restart="unless-stopped"),
    labels=compose_labels("shop", "db"),
    age_seconds=6 * DAY,
    network="shop_default",
    mounts=(("shop_pgdata", "/var/lib/postgresql/data"),),
    user="postgres",
    health=HealthCheck(("CMD", "pg_isready", "-U", "shop"), output="/var/run/postgresql:5432 - accepting connections"),
    logs=LogSpec(
        ("LOG:  checkpoint complete: wrote {k} buffers ({m}.1%)", "LOG:  autovacuum of table orders_{n}"), 0.1
    ),
    processes=("postgres: checkpointer", "postgres: walwriter", "postgres: shop shop 172.18.0.2(43210) idle"),
)
"""Full of page cache up to its memory limit, and healthy."""

CACHE = ContainerSpec(
    name="shop-cache-1",
    image="redis:7.2-alpine",
    command=("redis-server", "--maxmemory", "192mb"),
    workload=workloads.service(
        0.06, 170 * MIB, threads=2, runnable_share=0.5, rx_bytes_per_s=60_000, page_cache_bytes=4 * MIB, pids=5
    ),
    host_config=run_options(cpus=0.5, memory=256 * MIB, restart="always"),
    labels=compose_labels("shop", "cache"),
    age_seconds=6 * DAY,
    network="shop_default",
)
"""Steady within its limits."""

MIGRATE = ContainerSpec(
    name="shop-migrate-1",
    image="registry.example.org/shop/web:3.14.2",
    command=("python", "manage.py", "migrate", "--noinput"),
    host_config=run_options(memory=256 * MIB),
    labels=compose_labels("shop", "migrate"),
    age_seconds=3 * HOUR + 60,
    state="exited",
    ended_seconds_ago=3 * HOUR,
    network="shop_default",
    logs=LogSpec(("Applying orders.00{m}_index... OK",), 0.4),
)
"""A job that exited with 0."""

GATEWAY = ContainerSpec(
    name="obs-gateway-1",
    image="envoyproxy/envoy:v1.30.1",
    command=("envoy", "-c", "/etc/envoy/envoy.yaml"),
    workload=workloads.service(0.55, 96 * MIB, rx_bytes_per_s=4_200_000, threads=4, runnable_share=0.9, pids=22),
    host_config=run_options(memory=512 * MIB, restart="always"),
    labels=compose_labels("obs", "gateway"),
    age_seconds=2 * DAY,
    network="obs_default",
    ports=((80, 10000), (443, 10443)),
    logs=LogSpec(
        (
            '[2026-01-01] "GET /api/v1/items/{n} HTTP/2" 200 - 0 {k} {m} {m} "-" "curl/8.7"',
            '[2026-01-01] "POST /api/v1/push HTTP/2" 204 - {k} 0 {m} - "-" "vector/0.38"',
        ),
        40.0,
        0.0,
    ),
)
"""No CPU limit, much traffic, and 40 log lines a second."""

COLLECTOR = ContainerSpec(
    name="obs-collector-1",
    image="otel/opentelemetry-collector:0.101.0",
    command=("/otelcol", "--config=/etc/otelcol/config.yaml"),
    workload=workloads.leak(150 * MIB, 0.34 * MIB, cpu_cores=0.6, pids=17),
    host_config=run_options(cpus=1.5, memory=320 * MIB, restart="always"),
    labels=compose_labels("obs", "collector"),
    age_seconds=5 * HOUR,
    oom_kills_child=True,
    network="obs_default",
)
"""Leaks slowly; its OOM kills take a child and leave pid 1 alive."""

API = ContainerSpec(
    name="obs-api-1",
    image="registry.example.org/obs/api:latest",
    command=("node", "--max-old-space-size=384", "server.js"),
    workload=workloads.service(0.22, 210 * MIB, threads=2, runnable_share=0.7, rx_bytes_per_s=150_000, pids=11),
    host_config=run_options(cpus=1.0, memory=512 * MIB, restart="unless-stopped"),
    labels=compose_labels("obs", "api"),
    age_seconds=9 * HOUR,
    network="obs_default",
    ports=((3000, 3000),),
    health=HealthCheck(fails_after_seconds=HOUR, output="curl: (22) The requested URL returned error: 503"),
    logs=LogSpec(("GET /healthz 503 {m} ms", "upstream [collector] refused connection, retry {n}"), 0.5, 0.6),
)
"""Unhealthy: its health check fails from one hour after its start on."""

SIDECAR = ContainerSpec(
    name="obs-sidecar-1",
    image="busybox:1.36",
    workload=workloads.idle(3 * MIB),
    host_config=run_options(cpus=0.1, memory=32 * MIB, restart="always"),
    labels=compose_labels("obs", "sidecar"),
    age_seconds=9 * HOUR,
    network="container:obs-api-1",
)
"""Shares the network of API."""

CRASH_LOOPING = ContainerSpec(
    name="cron-sync",
    image="alpine:3.20",
    command=("/bin/sh", "-c", "sync-once || exit 1"),
    workload=workloads.idle(9 * MIB, pids=2),
    host_config=run_options(memory=64 * MIB, restart="always"),
    age_seconds=2.0,
    lifetime_seconds=3.5,
    restart_delay_seconds=4.5,
    exit_code=1,
    restart_count=1204,
    logs=LogSpec(("sync: cannot resolve host files.internal", "sync: giving up"), 0.6, 1.0),
)
"""A restart loop: exits with 1 a few seconds after each start."""

BACKUP = ContainerSpec(
    name="backup-nightly",
    image="restic/restic:0.16.4",
    command=("restic", "backup", "/data", "--verbose"),
    workload=workloads.backup(64 * MIB, 31 * MIB),
    host_config=run_options(cpus=1.0, memory=384 * MIB),
    age_seconds=47 * 60.0,
    mounts=(("/srv/data", "/data"),),
    logs=LogSpec(("[{m}:{m}] {m}.4%  {k} files {n} MiB", "saved pack {n}"), 0.5),
)
"""Much disk traffic."""

FORKER = ContainerSpec(
    name="legacy-cgi",
    image="httpd:2.4",
    command=("httpd-foreground",),
    workload=workloads.forker(60, 99),
    host_config=run_options(memory=256 * MIB, pids=100, restart="on-failure"),
    age_seconds=4 * DAY,
    processes=tuple(f"/usr/lib/cgi-bin/report.cgi {number}" for number in range(12)),
)
"""Close to its limit of pids."""

PAUSED = ContainerSpec(
    name="staging-worker",
    image="registry.example.org/shop/worker:3.15.0-rc1",
    command=("python", "-m", "shop.worker"),
    workload=workloads.service(0.2, 88 * MIB),
    host_config=run_options(cpus=0.5, memory=256 * MIB),
    age_seconds=DAY,
    state="paused",
)
"""Paused."""

KILLED = ContainerSpec(
    name="report-2024-q4",
    image="registry.example.org/tools/report:1.2",
    command=("python", "report.py", "--year", "2024"),
    host_config=run_options(cpus=2.0, memory=1 * GIB),
    age_seconds=30 * HOUR,
    state="exited",
    ended_seconds_ago=26 * HOUR,
    exit_code=137,
    oom_killed=True,
    logs=LogSpec(("loading partition {n}",), 0.05),
)
"""OOM-killed 26 hours ago, and not restarted."""

UNLIMITED = ContainerSpec(
    name="jupyter",
    image="jupyter/scipy-notebook:latest",
    command=("start-notebook.sh",),
    workload=workloads.service(
        0.35, 690 * MIB, threads=4, runnable_share=0.4, rx_bytes_per_s=20_000, page_cache_bytes=310 * MIB, pids=38
    ),
    age_seconds=11 * DAY,
    ports=((8888, 8888),),
)
"""No limits."""

HOSTNET = ContainerSpec(
    name="node-exporter",
    image="prom/node-exporter:v1.8.1",
    command=("/bin/node_exporter", "--path.rootfs=/host"),
    workload=workloads.idle(14 * MIB, pids=7),
    host_config=run_options(cpus=0.25, memory=64 * MIB, restart="always", PidMode="host"),
    age_seconds=40 * DAY,
    network="host",
)
"""The host's network and pid namespace."""

HOSTILE = ContainerSpec(
    name="[red]x[/] \x1b[31m日本🐳",
    image="example.org/[bold]evil:[/]",
    command=("/bin/sh", "-c", f"echo '[/]' {ESCAPE}[31m; printf '日本語 🐳'; exec sleep 1d"),
    workload=workloads.idle(5 * MIB),
    host_config=run_options(cpus=0.5, memory=64 * MIB, restart="unless-stopped"),
    labels={
        "[/]": "[red]x",
        "org.example.[bold]": f"{ESCAPE}]0;owned\x07{ESCAPE}[2J",
        "名前": "コンテナ 🐳",
        "long": "y" * 5_000,
    },
    age_seconds=77 * 60.0,
    env=("PATH=/bin", "TOKEN=[/]secret", f"PS1={ESCAPE}[31m$ "),
    logs=LogSpec(HOSTILE_LINES, 1.0, 0.4),
)
"""Markup, escape sequences, emoji and very long text wherever a user can put text."""

FLEET = (
    WEB,
    WORKER,
    DB,
    CACHE,
    MIGRATE,
    GATEWAY,
    COLLECTOR,
    API,
    SIDECAR,
    CRASH_LOOPING,
    BACKUP,
    FORKER,
    PAUSED,
    KILLED,
    UNLIMITED,
    HOSTNET,
    HOSTILE,
)
