"""A plugin of pytest: as on a machine that has no TensorFlow, importing it is an error."""

import sys
from importlib.abc import MetaPathFinder


class Absent(MetaPathFinder):
    def find_spec(self, fullname, *_):
        if fullname.split(".")[0] == "tensorflow":
            raise ModuleNotFoundError("No module named 'tensorflow'", name="tensorflow")


sys.meta_path.insert(0, Absent())
