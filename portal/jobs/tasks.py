"""The doorbell. The message holds an id and nothing else; the row says what is to be done."""

from __future__ import annotations

from celery import shared_task

from portal.jobs.execute import job_run
from portal.jobs.services import TASK


@shared_task(name=TASK)
def run_job(job_pk: int) -> None:
    job_run(job_pk)
