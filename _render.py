import sys, time, warnings
from pathlib import Path
from study import params
from study.pipeline import paths
from study.report import build
from study.stages.report import inputs
if __name__ == "__main__":
    warnings.simplefilter("error")
    t=time.time()
    i=inputs(params.load(paths.PARAMS)); out=Path(sys.argv[1]); out.mkdir(parents=True,exist_ok=True)
    build(i, templates=paths.TEMPLATES, out=out); print(time.time()-t, (out/"report.html").stat().st_size)
