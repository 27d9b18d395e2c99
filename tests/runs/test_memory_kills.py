"""The system's count of processes killed for want of memory, wherever it keeps it."""

import pytest

from workbench.runs.memory_kills import memory_kills


@pytest.mark.parametrize(
    ("group", "counter", "content", "count"),
    [
        ("0::/user.slice/job", "sys/fs/cgroup/user.slice/job/memory.events", "oom 3\noom_kill 2\n", 2),
        ("0::/user.slice/job", "sys/fs/cgroup/memory.events", "oom_kill 4\noom_group_kill 0\n", 4),
        ("4:cpu,memory:/job", "sys/fs/cgroup/memory/job/memory.oom_control", "under_oom 0\noom_kill 1\n", 1),
        ("4:memory:/docker/x", "sys/fs/cgroup/memory/memory.oom_control", "under_oom 0\noom_kill 7\n", 7),
        ("0::/", "proc/vmstat", "nr_free_pages 9\noom_kill 5\n", 5),
        ("0::/", "proc/vmstat", "nr_free_pages 9\n", None),
    ],
)
def test_the_nearest_counter_is_read(tmp_path, group, counter, content, count):
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text(f"9:name=systemd:/\n{group}\n")
    file = tmp_path / counter
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    assert memory_kills(tmp_path) == count


def test_where_nobody_counts_there_is_no_count(tmp_path):
    assert memory_kills(tmp_path) is None
