"""What the demo prints."""

from service.demo.load import DemoToken
from service.demo.people import told


def test_what_is_printed_can_be_pasted_and_says_where_to_look():
    token = DemoToken(role="viewer", organization="Bengkel APPeK", email="a@example.org", token="tnn_s_x")
    lines = told([token], "http://127.0.0.1:8000").splitlines()
    assert lines[:3] == [
        "Reference page: http://127.0.0.1:8000/docs",
        "export TENUN=http://127.0.0.1:8000",
        "export VIEWER=tnn_s_x  # Bengkel APPeK, a@example.org",
    ]
    assert [line.partition(":")[0] for line in lines[3:]] == [
        "# Rencana kerja / work plan",
        "# Capaian / milestones",
        "# Permohonan lewat tenggat / overdue requests",
        "# Skor daerah / scores of regions",
    ]
