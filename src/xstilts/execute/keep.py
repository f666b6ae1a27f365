"""Which checkpoints stay on disk once nothing of the study needs them. Predictions and scores always stay.

`all` keeps everything. `shared` keeps checkpoints that another training stage starts from; the others, the leaves, stay as
long as all leaves of the study together fit in `run.leaf_gigabytes`, so that a language added to a small study trains
nothing; beyond that the oldest go. `none` keeps no checkpoint whose last use is over. Vectors stay under `all` alone.
"""

from xstilts.plan import Stages
from xstilts.spec import RunSpec
from xstilts.stage import Stage
from xstilts.store import Store


def release_inputs(stage: Stage, plan: Stages, store: Store, run: RunSpec) -> None:
    """After a stage ended, delete the weights and vectors of its inputs that `run.keep` does not keep."""
    inputs = [plan.stages[key] for key in stage.inputs]
    _release(inputs, plan, store, run)


def release_ended(plan: Stages, store: Store, run: RunSpec) -> None:
    """Delete the weights and vectors that earlier runs of the study, with another `keep`, left."""
    _release([stage for stage in plan.stages.values() if store.state(stage) == "done"], plan, store, run)


def _release(stages: list[Stage], plan: Stages, store: Store, run: RunSpec) -> None:
    ended = [stage for stage in stages if run.keep != "all" and stage.kind in ("train", "embed") and _ended(stage, plan, store)]
    for stage in ended:
        if run.keep == "none" or stage.kind == "embed":
            store.release(stage)
    if run.keep == "shared" and any(_is_leaf(stage, plan) for stage in ended):
        _keep_leaves_within(run.leaf_gigabytes * 1e9, plan, store)


def _ended(stage: Stage, plan: Stages, store: Store) -> bool:
    """Whether no stage that is to run needs this one, be it to be made again."""
    return not any(plan.needed(child, store) for child in plan.children[stage.key])


def _is_leaf(stage: Stage, plan: Stages) -> bool:
    return stage.kind == "train" and all(child.kind != "train" for child in plan.children[stage.key])


def _keep_leaves_within(budget: float, plan: Stages, store: Store) -> None:
    leaves = [stage for stage in plan.stages.values() if _is_leaf(stage, plan) and store.state(stage) == "done"]
    ended = [leaf for leaf in leaves if _ended(leaf, plan, store)]
    sizes = {leaf.key: store.size(leaf) for leaf in leaves}
    ended.sort(key=lambda leaf: store.folder(leaf).stat().st_mtime)
    excess = sum(sizes.values()) - budget
    for leaf in ended:
        if excess <= 0:
            return
        store.release(leaf)
        excess -= sizes[leaf.key]
