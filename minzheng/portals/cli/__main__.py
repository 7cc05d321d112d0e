from minzheng.portals.cli.main import run

run()
