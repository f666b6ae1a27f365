"""The data sets made from the world, by name."""

from collections.abc import Mapping

from xstilts.constructed import choices, inference_pairs, questions, sentences
from xstilts.constructed.items import Recipe

RECIPES: Mapping[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        inference_pairs.NLI,
        inference_pairs.PARAPHRASE,
        questions.ANSWERABLE,
        questions.DOUBTFUL,
        choices.CHOICE,
        sentences.POS,
        sentences.NER,
        sentences.TOPIC,
        sentences.ACCEPTABILITY,
        sentences.RETRIEVAL,
        sentences.RETRIEVAL_HARD,
    )
}
