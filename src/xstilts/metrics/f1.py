"""Precision, recall and F1 from three counts."""


def f1_of(precision: float, recall: float) -> float:
    """Return the harmonic mean of two ratios, 0 when both are 0.

    The order of the operations is that of seqeval, of XTREME's `evaluate.py` and of the scripts of SQuAD and MLQA:
    another order, such as 2 correct / (predicted + gold), changes the last digit.
    """
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def precision_recall_f1(correct: int, predicted: int, gold: int) -> dict[str, float]:
    """Return f1, precision and recall in percent; a ratio without a denominator is 0.

    Args:
        correct: Number of predicted items that are gold items.
        predicted: Number of predicted items.
        gold: Number of gold items.

    """
    precision = correct / predicted if predicted else 0.0
    recall = correct / gold if gold else 0.0
    return {"f1": f1_of(precision, recall) * 100, "precision": precision * 100, "recall": recall * 100}
