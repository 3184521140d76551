"""``tongke demo``: the county of demo content."""

from __future__ import annotations

from tongke.i18n import say
from tongke.main.console import is_terminal, settings, tell, told_errors

_INTRODUCED = ("lan", "lin", "he", "admin")


def demo() -> None:
    """Load the demo content once: schools, people, lessons in every state. Running it again changes nothing."""
    # Slow imports: every engine and the whole of the demo are wanted by this command only.
    from rich.progress import Progress

    # and ours
    from tongke.demo.loader import load_demo
    from tongke.main.engines import open_platform
    from tongke.main.preparing import prepare_database

    chosen = settings()
    with told_errors():
        platform = open_platform(chosen)
        prepare_database(platform.engine)
        with Progress(disable=not is_terminal(), transient=True) as bar:
            task = bar.add_task("")
            loaded = load_demo(
                platform.engine,
                platform.store,
                settings=chosen,
                watch=lambda done, total: bar.update(task, completed=done, total=total),
            )
    if loaded.resources:
        tell(say("演示内容已装入：{n} 个资源。", n=loaded.resources))
    else:
        tell(say("演示内容已经装好。"))
    _introduce()


def _introduce() -> None:
    """Who a visitor may sign in as."""
    from tongke.demo.manifest import read_manifest  # slow import, as above

    manifest = read_manifest()
    people = {person.key: person for person in manifest.people}
    schools = {school.code: school.name for school in manifest.schools}
    tell(say("可以用这些账号登录，密码都是 {password}：", password=manifest.password))
    for person in (people[key] for key in _INTRODUCED):
        place = schools.get(person.school or "", manifest.county.name)
        tell(f"  {manifest.sign_in_name(person.key):<24}{person.name}　{place}")
