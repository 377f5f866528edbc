"""The story that `make demo` tells."""
import argparse, os, sys
from pathlib import Path
from rehearsal import samples
from rehearsal.accounts import Secrets
from rehearsal.browser import wait_for
from rehearsal.casting import cast
from rehearsal.shell import manage
from rehearsal.stage import Stage, Script
def main():
    p=argparse.ArgumentParser(); p.add_argument("--key-file",type=Path); p.add_argument("--once",action="store_true")
    o=p.parse_args()
    site=os.environ["SITE_URL"]; wait_for(site)
    stage=Stage(site,f"http://127.0.0.1:{os.environ['REHEARSAL_PORT']}/v1",o.key_file,Script(samples.QUESTIONS),Secrets(o.key_file.with_name("rehearsal-accounts.json")))
    t=stage.teller
    with t.step("cast") as s: s.done=str(cast(stage))
    with t.step("import") as s: s.done=str(manage("import_questions",str(samples.QUESTIONS),"--project","rehearsal"))
    with t.step("draft") as s: s.done=str(manage("draft","rehearsal","--wait",hear=t.progress))
    with t.step("campaign") as s: s.done=str(manage("open_campaign","rehearsal","--kind","review"))
    print({i["status"] for i in stage.rows("items/")})
    return 0
sys.exit(main())
