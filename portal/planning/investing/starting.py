"""The investors that the page starts with: invented, so that no list of real ones has to be right or wrong."""

from __future__ import annotations

from typing import Any


def investors() -> list[dict[str, Any]]:
    """Rows as ``FundInvestor`` takes them; what is left out of a row is not known."""
    return [
        {
            "name": "Aspen Example Fund", "stage": "terms", "next_step": "Answer the term sheet", "due": "2027-01-15",
            "contacted": "2027-01-08", "first_round": "pre_seed", "last_round": "series_a", "cheque_low": 1_000_000,
            "cheque_high": 2_500_000, "amount": 2_000_000, "ownership": 0.1, "leads": "leads",
            "sectors": "AI infrastructure", "places": "Europe", "portfolio": "none", "fund_size": 120_000_000,
            "vintage": 2025, "reserves": "yes", "compute": "credits", "intro": "close",
        },
        {
            "name": "Birch Example Ventures", "stage": "diligence", "next_step": "Send the data room",
            "due": "2027-01-07", "contacted": "2027-01-04", "first_round": "seed", "last_round": "series_b",
            "cheque_low": 1_500_000, "cheque_high": 5_000_000, "ownership": 0.15, "leads": "either", "sectors": "any",
            "places": "Europe, United Kingdom", "fund_size": 300_000_000, "vintage": 2024, "reserves": "yes",
            "intro": "known",
        },
        {
            "name": "Cedar Example Compute", "stage": "meeting", "next_step": "Agree the cluster hours",
            "due": "2027-01-20", "contacted": "2027-01-05", "first_round": "pre_seed", "last_round": "growth",
            "cheque_low": 250_000, "cheque_high": 1_000_000, "leads": "follows", "sectors": "AI", "places": "any",
            "portfolio": "none", "reserves": "no", "compute": "cluster", "intro": "known",
        },
        {
            "name": "Dahlia Example Angel", "stage": "committed", "contacted": "2026-12-18", "first_round": "pre_seed",
            "last_round": "seed", "cheque_low": 25_000, "cheque_high": 100_000, "amount": 100_000, "ownership": 0.0001,
            "leads": "follows", "sectors": "developer tools", "places": "Europe", "portfolio": "none",
            "reserves": "no", "compute": "none", "intro": "close",
        },
        {
            "name": "Elm Example Capital", "stage": "contacted", "next_step": "Ask for a first call",
            "due": "2027-01-18", "contacted": "2026-11-20", "first_round": "series_a", "last_round": "growth",
            "cheque_low": 8_000_000, "cheque_high": 20_000_000, "ownership": 0.15, "leads": "leads",
            "sectors": "enterprise software, AI", "places": "any", "fund_size": 900_000_000, "vintage": 2023,
        },
        {
            "name": "Fir Example Seed", "stage": "contacted", "next_step": "Find out what they own",
            "due": "2027-01-09", "contacted": "2026-12-15", "first_round": "pre_seed", "last_round": "seed",
            "cheque_low": 500_000, "cheque_high": 1_500_000, "ownership": 0.08, "sectors": "developer tools, security",
            "places": "Europe", "vintage": 2026, "intro": "cold",
        },
        {
            "name": "Ginkgo Example Partners", "stage": "listed", "next_step": "Find a way in", "due": "2027-01-25",
            "first_round": "seed", "last_round": "series_a", "sectors": "AI infrastructure, chips",
            "fund_size": 60_000_000, "vintage": 2021, "leads": "leads",
        },
        {
            "name": "Hazel Example Growth", "stage": "meeting", "next_step": "Send the monthly update",
            "due": "2027-02-01", "contacted": "2027-01-06", "first_round": "seed", "last_round": "series_a",
            "cheque_low": 1_000_000, "cheque_high": 3_000_000, "ownership": 0.1, "leads": "either",
            "sectors": "developer tools", "places": "United States, Europe", "portfolio": "Mockstack, Samplery",
            "vintage": 2025, "reserves": "yes", "intro": "known",
        },
        {
            "name": "Ivy Example Family Office", "stage": "listed", "cheque_low": 100_000, "cheque_high": 500_000,
            "places": "Europe", "intro": "known",
        },
        {
            "name": "Juniper Example Fund", "stage": "passed", "contacted": "2026-12-10", "first_round": "seed",
            "last_round": "series_b", "cheque_low": 2_000_000, "cheque_high": 6_000_000, "ownership": 0.2,
            "leads": "leads", "sectors": "any", "places": "any", "fund_size": 400_000_000, "vintage": 2024,
        },
    ]  # fmt: skip
