"""Which checkpoints stay on disk once nothing of the study needs them. Predictions and scores always stay."""

from xstilts.plan import Plan
from xstilts.spec import RunSpec
from xstilts.stage import Stage
from xstilts.store import Store


def release_inputs(stage: Stage, plan: Plan, store: Store, run: RunSpec) -> None:
    """After a stage ended, delete the weights and vectors of its inputs that `run.keep` does not keep.

    `all` keeps everything. `shared` keeps checkpoints that another training stage starts from; the others, the leaves, stay
    as long as all leaves of the study together fit in `run.leaf_gigabytes`, so that a language added to a small study trains
    nothing; beyond that the oldest go. `none` keeps no checkpoint whose last use is over.
    """
    if run.keep == "all":
        return
    for key in stage.inputs:
        used = plan.stages[key]
        if used.kind == "score" or not all(store.state(child) == "done" for child in plan.children(used)):
            continue
        if run.keep == "none" or used.kind == "embed":
            store.release(used)
        elif used.kind == "train" and _is_leaf(used, plan):
            _keep_leaves_within(int(run.leaf_gigabytes * 10**9), plan, store)


def _is_leaf(stage: Stage, plan: Plan) -> bool:
    return all(child.kind != "train" for child in plan.children(stage))


def _keep_leaves_within(budget: int, plan: Plan, store: Store) -> None:
    leaves = [s for s in plan.stages.values() if s.kind == "train" and _is_leaf(s, plan) and store.state(s) == "done"]
    ended = [leaf for leaf in leaves if all(store.state(child) == "done" for child in plan.children(leaf))]
    sizes = {leaf.key: store.size(leaf) for leaf in leaves}
    ended.sort(key=lambda leaf: store.folder(leaf).stat().st_mtime)
    excess = sum(sizes.values()) - budget
    for leaf in ended:
        if excess <= 0:
            return
        store.release(leaf)
        excess -= sizes[leaf.key]
