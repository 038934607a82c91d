"""The certificate of a window of a sys_info table."""

from __future__ import annotations

from retail_pipeline.errors import WindowIncomplete
from retail_pipeline.pipelines.jushita_sys_info.gathering import Gathered
from retail_pipeline.tables.fingerprint import sum_of
from retail_pipeline.tables.stage import Proof
from retail_pipeline.windows.ledger import COMPLETE, INCOMPLETE, Certificate
from retail_pipeline.windows.value_comparison import Compared


def certificate_of(gathered: Gathered, proof: Proof, compared: Compared) -> Certificate:
    """Compare both sides: counts, checksums and values of the rows that were read and of those in the warehouse."""
    known = sum_of(gathered.known.values())
    staged = sum_of(gathered.staged.values())
    arrived = proof.arrived + proof.refused == len(gathered.staged)
    same = sum_of([proof.arrived_checksum, proof.refused_checksum]) == staged
    return Certificate(
        verdict=COMPLETE if arrived and same and not compared.differences else INCOMPLETE,
        source_total=gathered.total,
        source_keys=len(gathered.seen),
        source_checksum=sum_of([staged, known]),
        target_keys=proof.arrived + len(gathered.known),
        target_checksum=sum_of([proof.arrived_checksum, known]),
        refused=proof.refused,
        refused_checksum=proof.refused_checksum,
        quarantined=len(gathered.rejected),
        missing_keys=[] if compared.differences else proof.missing,
        rule_counts=gathered.rule_counts(),
        pages=gathered.pages,
        passes=gathered.passes,
        compared={**compared.told, "known": len(gathered.known)},
        error=compared.words(),
    )


def incomplete(number: int, certificate: Certificate) -> WindowIncomplete:
    """Return the error that says what is missing."""
    return WindowIncomplete(
        f"certificate {number}: {certificate.source_keys} rows were read, {certificate.target_keys} are in the "
        f"table, {certificate.refused} refused as older, {certificate.quarantined} set aside; missing: "
        f"{', '.join(certificate.missing_keys[:5])} …{f'; {certificate.error}' if certificate.error else ''}"
    )
