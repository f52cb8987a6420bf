"""The report's standing text: what was asked, how it was done, what the source contradicts, what to doubt."""

from __future__ import annotations

TITLE = "Frozen backbones, trained heads: a study with error bars"

QUESTION = (
    "A report on CINIC-10 [@rzepinski; @darlow] varied six settings of a classifier head on frozen "
    "ImageNet backbones, with one run a configuration. Which of the differences it saw are there when the "
    "seeds change, which are too small to matter, and which cannot be told? This study trains every "
    "configuration several times on paired seeds, selects on validation images, and measures the selected "
    "settings again on fresh seeds."
)

DESIGN_PHASES = (
    "The study has two phases. Explore: every setting is trained on the same {seeds} of every backbone, and "
    "each backbone's setting with the highest mean validation accuracy is selected. Confirm: the selected "
    "settings are trained again on {confirm} that selection never saw. The table of best settings, the "
    "comparison of backbones and the ensembles use the confirm phase alone, so none of them is flattered by "
    "the choice."
)

DESIGN_PAIRS = (
    "A replicate is one set of seeds for the initial weights, the order of the images, dropout, the "
    "few-shot subset and augmentation. All settings and backbones of a replicate share it, so every "
    "comparison is paired by replicate. Six factors are varied one at a time around the reference "
    "setting; how they act together is not studied. Among sources of variation the seeds named here are "
    "those of training; Bouthillier et al. [@bouthillier] list the others."
)

DESIGN_HEAD = (
    "Each backbone is frozen [@yosinski] with weights learnt on ImageNet [@deng]; the source has "
    "ResNet-50 [@he], EfficientNetV2-B0 [@tan2021] and ConvNeXt-Tiny [@liu], and the built-in data, "
    "handwritten digits [@alpaydin], are seen by EfficientNet-Lite, after EfficientNet [@tan2019]. On the "
    "pooled features a head is trained: dropout [@srivastava], a dense layer of 512 units with ReLU "
    "[@agarap] and an L1 penalty on its weights, a softmax; weights begin as Glorot and Bengio draw them "
    "[@glorot]. The optimiser is Adam [@kingma]. CutMix is that of Yun et al. [@yun]. Accuracy in this "
    "report is measured after an epoch, without dropout and without augmentation, on training, validation "
    "and test images alike."
)

DESIGN_REFERENCE = (
    "The reference learning rate is {lr}. The source names 0.005, yet 0.005 is in none of its sweeps, and "
    "its best ConvNeXt-Tiny, listed with 0.0005, differs from its reference in augmentation only. So 0.0005 "
    "is the likely reference, and 0.003 and 0.005 in its text are likely 0.0003 and 0.0005. The sweep here "
    "has {levels}."
)

VERDICTS = (
    "Two questions are asked of every difference, and the answers give four verdicts. Is it there? A "
    "two-sided paired t test over replicates, corrected by Holm's method [@holm], at the level {alpha}; "
    "an exact sign-flip test, which takes no distribution for given, stands beside it. Is it too small to "
    "matter? Two one-sided tests (TOST) [@schuirmann] against a margin of {margin}, fixed before the data "
    "were seen."
)

VERDICT_ITEMS = (
    "Different: it is there, and it may be larger than the margin.",
    "Equivalent: it lies within the margin, and it was not shown to be there.",
    "Different but trivial: it is there, and it lies within the margin.",
    "Inconclusive: neither was shown. This is no sign that there is no difference; the column of detectable "
    "differences says what the study could have seen.",
)

VERDICT_INTERVALS = (
    "Two intervals stand beside each mean. The first covers the seeds: how the mean over replicates would "
    "move if the study were run again on the same images. The second covers the test images too: how it "
    "would move on other images of the same kind. The test images are shared by all replicates, so more "
    "replicates narrow the first and not the second."
)

CONTRADICTIONS = (
    "Reference learning rate: the text gives 0.005, the tables and sweeps speak for 0.0005. All six values "
    "are in the sweep here; 0.0005 is the reference.",
    "Brightness or contrast: the method section lists brightness, while the results, figure 4.20 and table "
    "5.1 have contrast. Both are tried here; contrast stands for figure 4.20.",
    "Batch size: that it hardly matters is called consistent with Keskar et al. [@keskar], whose finding is "
    "that large batches generalise worse.",
    "Dropout: 0.3 is said to beat 0.5 throughout, while all three best models of table 5.1 have 0.5.",
    "Table 4.1: the caption says validation accuracy, the column says test accuracy. Here it is test "
    "accuracy.",
    "Ensembles: every ensemble is said to beat every single model, while hard voting (0.6323) is below "
    "ConvNeXt-Tiny (0.6587) in its tables.",
    "Backbones: EfficientNetV2-B0 is said to beat ResNet-50 in most settings, while its best test accuracy "
    "(0.5540) is below that of ResNet-50 (0.5645).",
    "Augmentation: the conclusion credits rotation with a large gain, while the results credit zoom and "
    "contrast.",
)

THREATS = (
    "Seeds are replicated, images are not: every replicate uses the same split. The intervals with images "
    "allow for other test images, not for another training set.",
    "Factors are varied one at a time. A level that helps at the reference may not help elsewhere.",
    "The backbones were trained on ImageNet. Where test images come from ImageNet too, a backbone may have "
    "seen them; accuracy by origin is the only check here.",
    "CINIC-10 has images that occur more than once, as its CIFAR-10 part [@krizhevsky2009] has [@barz], "
    "so a test image may have a near copy among the training images.",
    "The source states neither the size at which images enter the backbone nor the strength of its "
    "augmentations. Both are fixed in the parameters of this study and may differ from the source's.",
    "The selected setting is the best of those tried after a fixed number of epochs. Longer training may "
    "order them in another way.",
    "t intervals take the replicates' mean for normal. With few replicates that cannot be checked; the "
    "sign-flip test does not need it.",
)

LEVELS_ORIGIN = (
    "CINIC-10 [@darlow] joins CIFAR-10 [@krizhevsky2009] with downsampled ImageNet, on which the "
    "backbones were trained. The two are given apart, because accuracy on images that a backbone may have "
    "seen says less."
)
ORIGIN_UNKNOWN = (
    "The data set does not record where its images come from, so accuracy by origin is not known."
)

NOTHING_LEFT_OUT = "No level of the parameters was left out."


def banner(dataset: str) -> str | None:
    """What a reader must know first when the data are not CINIC-10."""
    if dataset == "cinic10":
        return None
    data = "the built-in digits data" if dataset == "digits" else f"the data set {dataset}"
    return f"This report shows the method on {data}. It says nothing about CINIC-10."


REFERENCES = "Numbers in brackets in the text stand for these works. The source itself cites {source}."

EQUIVALENCE = (
    "Every level is compared with the reference, one at a time. The picture puts all comparisons beside the "
    "margin of equivalence: a bar that lies within the shade is too small to matter, one that misses zero is "
    "there, and one that reaches out of the shade on either side and crosses zero leaves the question open."
)

VARIATION = (
    "How far a result moves when the seeds change is a result of its own. Standard deviations of paired "
    "replicates are compared by the test of Pitman and Morgan [@pitman; @morgan], with that of Brown and "
    "Forsythe [@brown] beside it; ranks are compared as Demšar advises [@demsar]."
)

CHOICE = (
    "Each backbone's setting was chosen by its mean validation accuracy over replicates. A setting chosen "
    "because it did best is flattered by the very numbers that chose it; the confirm phase measures by "
    "how much. The source proposes to prefer a setting with a slightly lower mean and less variation, so "
    "two more ways of choosing stand beside the mean."
)

ENSEMBLES = (
    "The members are the selected models of one replicate. Hard voting takes the class that most members "
    "predict, soft voting the mean of their probabilities; weighted soft voting fits the weights of that "
    "mean to validation images, and stacking [@wolpert] fits a logistic regression to the members' "
    "probabilities on them. All are measured on test images, against the backbone that was best "
    "on validation images."
)

TEMPERATURE = (
    "Temperature scaling [@guo] divides the logits of a model by one number, fitted on validation images. It "
    "leaves nearly all predicted classes as they are. A temperature above one makes a model less sure, one "
    "below makes it surer."
)

SIZES = (
    "Soft voting may have more members than one replicate of each backbone gives. Here the confirmed "
    "replicates of a backbone vote, so many at a time, and all backbones together. The replicates are the "
    "same at every size, so neighbouring intervals do not test the gain from one size to the next, and no "
    "test of it was made."
)

GREEDY = (
    "Greedy selection, after Caruana et al. [@caruana], builds an ensemble from all explored runs of a "
    "replicate: it adds the run whose vote helps most on validation images, again and again, a run perhaps "
    "several times. It is a vote of classes, and it is compared with the run that is best on the same "
    "validation images. Both come from the explore phase, so these accuracies do not stand beside those of "
    "the confirm phase."
)

DIVERSITY = (
    "Members that err on different images have more to gain from each other. The gain here is over the mean "
    "of the two members: a strong and a weak one may gain much and still stay below the strong one alone."
)

NO_MEMBERS = "The study has no confirmed probabilities to combine."
